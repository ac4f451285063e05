import { Api, type HttpResponse, type Error as Problem } from "./generated/api";
import { walk, type Answer } from "./walk";

walk((baseUrl) => {
  const client = new Api<string>({
    baseUrl,
    securityWorker: (token) => ({ headers: { Authorization: `Bearer ${token}` } }),
  });
  const as = (token: string) => {
    client.setSecurityData(token);
    return client.session;
  };
  // This client throws the response when the status is not a success.
  const refused = (response: HttpResponse<unknown, Problem>): Answer => ({
    status: response.status,
    message: response.error.message,
  });
  return {
    logIn: (user) =>
      client.session.sessionCreate(user).then(({ status, data }) => ({ status, session: data }), refused),
    refresh: (token) =>
      as(token).sessionRefresh().then(({ status, data }) => ({ status, session: data }), refused),
    logOut: (token) => as(token).sessionDelete().then(({ status }) => ({ status }), refused),
  };
});
