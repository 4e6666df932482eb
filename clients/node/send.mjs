// Hand one complaint in with Node 18 or newer, without any package:
//   KULANSE_URL=https://kulanse.example.com KULANSE_API_KEY=kul_… node send.mjs complaint.json
// Sending again is always safe: the same message is the same complaint.
import { readFile } from "node:fs/promises";

const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);
const TRIES = 6;

const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

export async function send(complaint, { url, key }) {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const answer = await fetch(`${url}/v1/complaints`, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      body: JSON.stringify(complaint),
      signal: AbortSignal.timeout(30_000),
    }).catch(() => null); // no connection: try again
    if (answer && !AGAIN.has(answer.status)) {
      return { taken: answer.status === 202, ...(await answer.json()) };
    }
    const asked = Number(answer?.headers.get("retry-after") ?? 0);
    await pause(Math.max(asked, 0.5 * 2 ** attempt * (0.5 + Math.random() / 2)));
  }
  throw new Error(`no answer in ${TRIES} tries: keep the complaint, and send it later`);
}

const complaint = JSON.parse(await readFile(process.argv[2], "utf8"));
const answer = await send(complaint, {
  url: process.env.KULANSE_URL,
  key: process.env.KULANSE_API_KEY,
});
console.log(JSON.stringify(answer));
process.exitCode = answer.taken ? 0 : 22;
