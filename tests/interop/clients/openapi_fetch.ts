import createClient from "openapi-fetch";
import type { paths } from "./generated/schema";
import { walk } from "./walk";

walk((baseUrl) => {
  const client = createClient<paths>({ baseUrl });
  const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
  return {
    logIn: async (body) => {
      const { data, error, response } = await client.POST("/session", { body });
      return { status: response.status, session: data, message: error?.message };
    },
    refresh: async (token) => {
      const { data, error, response } = await client.GET("/session", bearer(token));
      return { status: response.status, session: data, message: error?.message };
    },
    logOut: async (token) => {
      const { error, response } = await client.DELETE("/session", bearer(token));
      return { status: response.status, message: error?.message };
    },
  };
});
