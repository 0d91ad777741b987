import { createHmac } from "node:crypto";
import { type IncomingHttpHeaders, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openConfiguration, save } from "../support/administrator";
import { deployTo, openDemoSolution } from "../support/maker";
import { appears, button, field, link } from "../support/page";
import { start } from "../support/server";
import { expect, signIn, test } from "../support/test";

/** A call that a receiver got. */
interface Call {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A receiver on this machine, which refuses what it is told to. */
async function receive(refuses: (event: string) => boolean) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (bytes: Buffer) => (body += bytes.toString()));
    request.on("end", () => {
      calls.push({ headers: request.headers, body });
      response.statusCode = refuses(String(request.headers["webhook-event"])) ? 503 : 200;
      response.end("noted");
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { calls, port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** The signature of a call, as a receiver works it out. */
function signature(secret: string, { headers, body }: Call): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const text = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  return `v1,${createHmac("sha256", key).update(text).digest("base64")}`;
}

test("an administrator has an address told of a deployment, sees what was sent, and sends it again", async ({ browser }) => {
  let busy = true;
  const receiver = await receive((event) => busy && event === "OnDeploymentCompleted");
  const settings = { SLIPWAY_WEBHOOK_HTTP: "true", SLIPWAY_WEBHOOK_NETWORKS: "127.0.0.1" };
  const server = await start({ settings });
  const contexts = await Promise.all([0, 1].map(() => browser.newContext({ baseURL: server.address })));
  try {
    const [administrator, maker] = await Promise.all(contexts.map((context) => context.newPage()));
    if (!administrator || !maker) throw new Error("no pages");
    await signIn(administrator, server.administrator);
    await openConfiguration(administrator, "Webhooks");
    await link(administrator, "New").click();
    await field(administrator, "Name").fill("Operations");
    await field(administrator, "Address").fill("https://10.0.0.1/");
    await save(administrator);
    await expect(administrator.getByText("10.0.0.1 is not an address of the internet")).toBeVisible();
    await field(administrator, "Address").fill(`http://127.0.0.1:${receiver.port}/slipway`);
    await save(administrator);
    const secret = await administrator.locator(".one-time-password").innerText();
    const webhook = administrator.url();
    await administrator.reload();
    await expect(administrator.getByText(secret)).toHaveCount(0);

    await button(administrator, "Send a test event").click();
    await appears(administrator, administrator.getByText("Delivered", { exact: true }));

    await signIn(maker, server.maker);
    await openDemoSolution(maker);
    await deployTo(maker, "Test");

    // Every event came, in order and signed; the receiver did not take the last one.
    await expect.poll(() => receiver.calls.map(({ headers }) => headers["webhook-event"])).toEqual([
      "Test",
      "OnDeploymentRequested",
      "OnDeploymentStarted",
      "OnDeploymentCompleted",
    ]);
    for (const call of receiver.calls) expect(call.headers["webhook-signature"]).toBe(signature(secret, call));
    await administrator.goto(webhook);
    await link(administrator, "OnDeploymentCompleted").click();
    await appears(administrator, administrator.getByText("The receiver answered 503."));
    await expect(administrator.getByText('"EventName":"OnDeploymentCompleted"')).toBeVisible();
    busy = false;
    await button(administrator, "Send again").click();
    await appears(administrator, administrator.getByText("Delivered", { exact: true }));
    expect(receiver.calls).toHaveLength(5);
    expect(receiver.calls[4]?.headers["webhook-id"]).toBe(receiver.calls[3]?.headers["webhook-id"]);
  } finally {
    await Promise.all(contexts.map((context) => context.close()));
    await server.stop();
    receiver.close();
  }
});
