import { sessionCreate, sessionDelete, sessionRefresh } from "./generated";
import { createClient } from "./generated/client";
import { walk } from "./walk";

walk((baseUrl) => {
  const connect = (token?: string) => createClient({ baseUrl, auth: () => token });
  return {
    logIn: async (body) => {
      const { data, error, response } = await sessionCreate({ client: connect(), body });
      return { status: response?.status ?? 0, session: data, message: error?.message };
    },
    refresh: async (token) => {
      const { data, error, response } = await sessionRefresh({ client: connect(token) });
      return { status: response?.status ?? 0, session: data, message: error?.message };
    },
    logOut: async (token) => {
      const { error, response } = await sessionDelete({ client: connect(token) });
      return { status: response?.status ?? 0, message: error?.message };
    },
  };
});
