// Starts Swagger UI, with a user of this mock in the body of the log-in. The token of a log-in goes into the
// authorization of the page by itself, and is shown nowhere.
const user = __USER__;
const logIn = "__PREFIX__/session";
const HIDDEN = "(kept by this page)";

// Swagger UI resolves an operation when it is opened, and until it has, its button cannot find the operation by name.
const buttonWhenResolved = ({ React }) => ({
  wrapComponents: {
    execute: (Button) => (props) => props.operation.size ? React.createElement(Button, props) : null,
  },
});

const curlWithoutToken = ({ React }) => ({
  wrapComponents: {
    curl: (Curl) => ({ request, ...props }) =>
      React.createElement(Curl, {
        ...props,
        request: request.update("headers", (headers) => headers?.map((value, name) => (/^authorization$/i.test(name) ? `Bearer ${HIDDEN}` : value))),
      }),
  },
});

const start = (spec) => {
  const media = spec.paths["/session"]?.post?.requestBody?.content?.["application/json"];
  if (media) {
    media.example = user;
    delete media.examples;
  }
  const schemes = Object.entries(spec.components?.securitySchemes ?? {});
  const [scheme] = schemes.find(([, { type, scheme }]) => type === "http" && /^bearer$/i.test(scheme)) ?? [];

  const keepToken = (response) => {
    if (!response.ok || new URL(response.url, location.href).pathname !== logIn || !response.text?.includes("jwtToken")) return response;
    const { jwtToken, ...rest } = JSON.parse(response.text);
    ui.preauthorizeApiKey(scheme, jwtToken);
    const text = JSON.stringify({ jwtToken: HIDDEN, ...rest });
    return Object.assign(response, { text, data: text, body: JSON.parse(text), obj: JSON.parse(text) });
  };

  const ui = SwaggerUIBundle({
    spec,
    dom_id: "#ui",
    deepLinking: true,
    plugins: [buttonWhenResolved, curlWithoutToken],
    responseInterceptor: keepToken,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
};

fetch("/openapi.json").then((response) => response.json()).then(start);
