import { AuthenticationApi, Configuration, ResponseError, type ApiResponse, type Session } from "./generated";
import { walk, type Answer } from "./walk";

walk((basePath) => {
  const api = (accessToken?: string) => new AuthenticationApi(new Configuration({ basePath, accessToken }));
  const answered = async (response: ApiResponse<Session>): Promise<Answer> => ({
    status: response.raw.status,
    session: await response.value(),
  });
  // This client throws when the status is not a success.
  const refused = async (error: unknown): Promise<Answer> => {
    if (!(error instanceof ResponseError)) throw error;
    return { status: error.response.status, message: (await error.response.json()).message };
  };
  return {
    logIn: (user) => api().sessionCreateRaw({ user }).then(answered).catch(refused),
    refresh: (token) => api(token).sessionRefreshRaw().then(answered).catch(refused),
    logOut: (token) => api(token).sessionDeleteRaw().then(({ raw }) => ({ status: raw.status })).catch(refused),
  };
});
