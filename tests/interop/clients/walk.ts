// The life of a session, over a client that a generator made. Prints one answer a line, for the test to judge.

declare const process: { argv: string[] };

interface Session {
  jwtToken: string;
  expiresAt: string | Date;
}

interface Problem {
  message?: string | undefined;
}

export interface Answer extends Problem {
  status: number;
  session?: Session | undefined;
}

export interface Client {
  logIn(user: { email: string; password: string }): Promise<Answer>;
  refresh(token: string): Promise<Answer>;
  logOut(token: string): Promise<Answer>;
}

export async function walk(connect: (baseUrl: string) => Client): Promise<void> {
  const [baseUrl = "", email = "", password = ""] = process.argv.slice(2);
  const client = connect(baseUrl);
  const first = show(await client.logIn({ email, password }));
  const second = show(await client.refresh(first));
  show(await client.logOut(second));
  show(await client.refresh(second));
}

// For clients that return a union over the status.
export function flat(answer: { status: 200; data: Session } | { status: number; data: Problem }): Answer {
  const { status, data } = answer;
  return status === 200 ? { status, session: data as Session } : { status, message: (data as Problem).message };
}

function show(answer: Answer): string {
  console.log(JSON.stringify(answer));
  return answer.session?.jwtToken ?? "";
}
