// The stand-in for SecureAuth, as a test steers it.

/** What goes wrong, with which operations (`*` stands for anything). */
export type Fault = { readonly operation: string; readonly count?: number } & (
  | { readonly kind: "latency"; readonly millis: number }
  | { readonly kind: "error"; readonly status: number }
);

export class Sandbox {
  constructor(private readonly url: string) {}

  /** Lets these things go wrong, and nothing else, until the end of the test or `heal`. */
  async break(...rules: Fault[]): Promise<void> {
    await this.#ask("/sandbox/faults", { method: "PUT", body: JSON.stringify({ rules }) });
  }

  /** Lets everything work again. */
  async heal(): Promise<void> {
    await this.#ask("/sandbox/faults", { method: "DELETE" });
  }

  /** Changes an object as somebody would in the vendor's own console. */
  async drift(kind: "organization" | "pool" | "binding" | "application", id: string, fields: object): Promise<void> {
    await this.#ask("/sandbox/drift", { method: "POST", body: JSON.stringify({ kind, id, fields }) });
  }

  /** How many objects of each kind there are. Tokens come and go by themselves and are counted. */
  async objects(): Promise<Readonly<Record<string, number>>> {
    const state = (await this.#ask("/sandbox/state")) as { objects: Record<string, number> };
    const { tokens: _, usage: _counted, ...objects } = state.objects;
    return objects;
  }

  async #ask(path: string, request: RequestInit = {}): Promise<unknown> {
    const answer = await fetch(this.url + path, { ...request, headers: { "content-type": "application/json" } });
    const body = await answer.text();
    if (!answer.ok) throw new Error(`the sandbox answers ${answer.status} at ${path}: ${body}`);
    return JSON.parse(body);
  }
}

/** Makes a user at the vendor, as the documentation shows it. */
export async function makeUser(sandboxUrl: string, pool: string): Promise<void> {
  const token = await fetch(`${sandboxUrl}/sandbox/admin/oauth2/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa("sandbox-admin:sandbox-admin-secret-not-for-production")}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const { access_token } = (await token.json()) as { access_token: string };
  const made = await fetch(`${sandboxUrl}/api/identity/sandbox/admin/pools/${pool}/users`, {
    method: "POST",
    headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
    body: JSON.stringify({
      status: "active",
      identifiers: [{ type: "uid", identifier: "ann" }],
      credentials: [{ type: "password", password: "correct horse battery" }],
      payload: { name: "Ann Example", given_name: "Ann", family_name: "Example" },
    }),
  });
  if (made.status !== 201) throw new Error(`the sandbox answers ${made.status}: ${await made.text()}`);
}
