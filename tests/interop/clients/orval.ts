import { sessionCreate, sessionDelete, sessionRefresh } from "./generated/api";
import { flat, walk } from "./walk";

// orval writes the base URL into the client; orval.config.cjs passes the mock's.
walk(() => {
  const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
  return {
    logIn: (user) => sessionCreate(user).then(flat),
    refresh: (token) => sessionRefresh(bearer(token)).then(flat),
    logOut: async (token) => ({ status: (await sessionDelete(bearer(token))).status }),
  };
});
