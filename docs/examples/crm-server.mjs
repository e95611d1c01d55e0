// A CRM's side of the embedding, complete and without dependencies: node docs/examples/crm-server.mjs
// It plays the CRM's server for one person; docs/embedding.md explains each part.

import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const PORT = Number(process.env.PORT ?? 4000);
const CRM = `http://localhost:${PORT}`; // the origin of the CRM's pages: [embedding] crm_origins
const CONSOLE = process.env.CONSOLE_URL ?? "http://127.0.0.1:3000";

// Yours: from the CRM's own session; answer 401 where there is none.
function signedIn(_request) {
  return { id: "u-1001", name: "Avery Cole", roles: ["Key account"], portfolio: null };
}

// Yours: a key that outlives restarts. Publish the next one beside it some minutes before it signs.
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const KEY_ID = "crm-2026-11";

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A launch of this person: good for a minute, and once. */
function launchToken(person, { bid, theme }) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: `${CRM}/crm`,
    aud: "ciam-console",
    iat: now,
    exp: now + 60,
    jti: randomUUID(),
    sub: person.id,
    name: person.name,
    roles: person.roles,
    ...(person.portfolio && { portfolio: person.portfolio }),
    ...(bid && { bid }),
    ...(theme && { theme }),
  };
  const signed = `${base64url({ alg: "ES256", typ: "JWT", kid: KEY_ID })}.${base64url(claims)}`;
  const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}

const escape = (text) => text.replace(/[&<>"]/g, (it) => `&#${it.charCodeAt(0)};`);

/** The Products page, with the console in a frame. */
function productsPage(query) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Products</title>
<h1>Products</h1>
<iframe id="ciam-console" title="CIAM Console" width="100%" height="800" src="/console${escape(query)}"
  data-console="${CONSOLE}" data-launches="/launches"></iframe>
<script src="/page.js"></script>`;
}

/** What stands in the frame first: a form that posts the launch to the console. */
function launchPage(token) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>CIAM Console</title>
<form method="post" action="${CONSOLE}/launch"><input type="hidden" name="token" value="${token}">
<button>Open CIAM Console</button></form><script>document.forms[0].submit()</script>`;
}

function answer(request, response) {
  const { pathname, search, searchParams } = new URL(request.url, CRM);
  const reply = (type, body) => response.writeHead(200, { "content-type": type, "cache-control": "no-store" }).end(body);
  switch (`${request.method} ${pathname}`) {
    case "GET /":
      return reply("text/html", productsPage(search));
    case "GET /page.js":
      return reply("text/javascript", readFileSync(new URL("crm-page.js", import.meta.url)));
    case "GET /console":
      return reply("text/html", launchPage(launchToken(signedIn(request), Object.fromEntries(searchParams))));
    case "POST /launches":
      // Only the CRM's own page may have one.
      if (request.headers["sec-fetch-site"] !== "same-origin") return response.writeHead(403).end();
      return reply("text/plain", launchToken(signedIn(request), {}));
    case "GET /jwks.json":
      return reply(
        "application/json",
        JSON.stringify({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: KEY_ID, alg: "ES256", use: "sig" }] }),
      );
    default:
      return response.writeHead(404).end();
  }
}

createServer(answer).listen(PORT, "localhost", () => console.log(`the CRM's Products page: ${CRM}/?bid=100104`));
