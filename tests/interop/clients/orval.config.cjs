// The command line has no option for the base URL.
module.exports = {
  client: {
    input: process.env.CONTRACT,
    output: { target: "generated/api.ts", client: "fetch", baseUrl: process.env.BASE_URL },
  },
};
