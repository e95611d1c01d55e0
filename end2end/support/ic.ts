// What stands in for IC's systems: the receiver of signed events, and the caller of the API.

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** Billers announced in this tier are enabled at once, by the policy for new billers. */
export const TIER_ENABLED_AT_ONCE = "enabled at once";

/** The name under which the console knows the receiver of events. */
export const RECEIVER = "portal";

/** With this the console signs its events. */
export const SIGNING_SECRET = "whsec_bWFkZSB1cCBmb3IgdGhlIGJyb3dzZXIgdGVzdHM=";

const API_KEY = "made-up-key-of-ic-for-the-browser-tests";

/** What IC says of a biller. */
export interface Announcement {
  readonly bid: string;
  readonly name: string;
  readonly state?: string;
  readonly customers?: number;
  readonly tier?: string;
  readonly portfolio?: string;
  readonly time_zone?: string;
}

/** An event as it came in. */
export interface ReceivedEvent {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly answered: number;
}

/** IC's systems, on a loopback port of their own, until `stop`. */
export class Ic {
  readonly #server: Server;
  readonly #events: ReceivedEvent[] = [];
  readonly #answers = new Map<string, number[]>();

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<Ic> {
    const ic = new Ic();
    await new Promise<void>((listening) => ic.#server.listen(0, "127.0.0.1", listening));
    return ic;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  /** The settings with which a console knows of this IC. */
  get settings(): Readonly<Record<string, string>> {
    return {
      CIAM_API_KEYS: `[{name="portal", key="${API_KEY}"}]`,
      CIAM_RECEIVERS: `[{name="${RECEIVER}", url="${this.#url}/events", secret="${SIGNING_SECRET}"}]`,
      CIAM_NEW_BILLERS: `{mode="tiers", tiers=["${TIER_ENABLED_AT_ONCE}"]}`,
    };
  }

  get #url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Answers the next events about a biller with these statuses, in this order, and those after them with 204. */
  answerEventsAbout(bid: string, ...statuses: number[]): void {
    this.#answers.set(bid, statuses);
  }

  /** The events about a biller, oldest first. */
  eventsAbout(bid: string): readonly ReceivedEvent[] {
    return this.#events.filter(({ body }) => subject(body) === bid);
  }

  /** Announces a biller to the console, as the CRM does. */
  async announce(consoleUrl: string, { bid, ...biller }: Announcement): Promise<void> {
    const answer = await fetch(`${consoleUrl}/api/v1/billers/${bid}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
      body: JSON.stringify(biller),
    });
    if (!answer.ok) throw new Error(`the console refuses ${bid}: ${answer.status} ${await answer.text()}`);
  }

  /** Tells the console of a user, as IC does when it changed there; the answer's status and body. */
  async tellUser(
    consoleUrl: string,
    bid: string,
    user: string,
    said: Readonly<Record<string, unknown>>,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await fetch(`${consoleUrl}/api/v1/billers/${bid}/users/${user}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
      body: JSON.stringify(said),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  /** Whether a biller's applications would be told how to sign people in. */
  async canSignIn(consoleUrl: string, bid: string): Promise<boolean> {
    const answer = await fetch(`${consoleUrl}/api/v1/billers/${bid}/oidc`, {
      headers: { authorization: `Bearer ${API_KEY}` },
    });
    return answer.ok;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const answered = this.#answers.get(subject(body))?.shift() ?? 204;
    this.#events.push({ headers: request.headers, body, answered });
    response.statusCode = answered;
    response.end();
  }
}

/** The biller that an event is about. */
function subject(body: string): string {
  return (JSON.parse(body) as { data: { bid: string } }).data.bid;
}
