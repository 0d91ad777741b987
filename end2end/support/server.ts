import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the project. */
export const project = resolve(fileURLToPath(new URL("../..", import.meta.url)));

/** The shipped program. */
export const program = process.env.SLIPWAY_PROGRAM ?? join(project, "target/slipway");

/** Somebody who can sign in. */
export interface Account {
  userName: string;
  password: string;
}

/** A running Slipway with a data folder of its own. */
export interface Server {
  /** Where it listens, without a slash at the end. */
  address: string;
  administrator: Account;
  maker: Account;
  /** What it wrote to its log and to its output. */
  output(): string;
  /** The process, for those who measure it. */
  process: ChildProcess;
  /** Its data folder. */
  data: string;
  /** Asks it to stop, waits until it has, and removes its data unless they are to be kept. */
  stop(options?: { keepData: boolean }): Promise<void>;
}

const LONGEST_START = 30_000;
const LONGEST_STOP = 20_000;

/** What a server may be started with. */
export interface Start {
  /** Data folder of an earlier start; without it, a new one. */
  data?: string;
  /** People of an earlier start, whose passwords are not printed again. */
  accounts?: { administrator: Account; maker: Account };
  /** Settings, as environment variables. */
  settings?: Record<string, string>;
}

/** A port that nobody listens on, for servers whose address has to be known before they start. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((listening) => probe.listen(0, "127.0.0.1", listening));
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return port;
}

/** Starts the shipped program with the demo, and waits until it is ready. */
export async function start(earlier: Start = {}): Promise<Server> {
  const data = earlier.data ?? (await mkdtemp(join(tmpdir(), "slipway-end2end-")));
  const child = spawn(program, [], {
    cwd: data,
    env: {
      PATH: process.env.PATH,
      HOME: data,
      SLIPWAY_DATA: data,
      SLIPWAY_ADDRESS: "127.0.0.1",
      SLIPWAY_PORT: "0",
      SLIPWAY_DEMO: "true",
      SLIPWAY_LOG: "info",
      ...earlier.settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (output += bytes.toString()));
  let ended = false;
  const end = new Promise<void>((resolve) => {
    const over = () => ((ended = true), resolve());
    child.once("exit", over);
    child.once("error", (error) => ((output += `${error}\n`), over()));
  });

  const stop = async ({ keepData } = { keepData: false }) => {
    if (!ended) {
      child.kill("SIGTERM");
      const impatient = setTimeout(() => child.kill("SIGKILL"), LONGEST_STOP);
      await end;
      clearTimeout(impatient);
    }
    if (!keepData) await rm(data, { recursive: true, force: true });
  };

  try {
    const address = await ready(() => output, () => ended);
    return {
      address,
      administrator: earlier.accounts?.administrator ?? account(output, "administrator"),
      maker: earlier.accounts?.maker ?? account(output, "maker"),
      output: () => output,
      process: child,
      data,
      stop,
    };
  } catch (error) {
    await stop({ keepData: earlier.data !== undefined });
    throw new Error(`${program} did not start: ${error instanceof Error ? error.message : error}\n${output}`);
  }
}

async function ready(output: () => string, ended: () => boolean): Promise<string> {
  const deadline = Date.now() + LONGEST_START;
  while (Date.now() < deadline) {
    if (ended()) throw new Error("it ended");
    const address = output().match(/http:\/\/127\.0\.0\.1:\d+/)?.[0];
    if (address) {
      const answer = await fetch(`${address}/health/ready`).catch(() => undefined);
      if (answer?.ok) return address;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("it was not ready in time");
}

/** The account printed for a part that somebody plays, with its one-time password. */
function account(output: string, part: string): Account {
  const [, userName, password] = output.match(new RegExp(`${part}\\s+name (\\S+)\\s+password (\\S+)`)) ?? [];
  if (!userName || !password) throw new Error(`no one-time password of the ${part} was printed`);
  return { userName, password };
}
