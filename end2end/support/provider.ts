import { generateKeyPairSync } from "node:crypto";
import { type IncomingMessage, type Server as HttpServer, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
// @ts-expect-error: it comes without types.
import OpenIdProvider from "oidc-provider";

/** The tenant that the provider plays. */
export const TENANT = "6b2b1f4e-52e8-4f2e-9d8e-0d8f5b0a3c11";
const SECRET = "a client secret that is found nowhere else";

/** Somebody with an account at the provider. */
export interface ProviderAccount {
  /** The object id, which never changes. */
  oid: string;
  name: string;
  userName: string;
  groups?: string[];
  roles?: string[];
  /** Whether the groups do not fit into a token. */
  overage?: boolean;
}

/** A running provider: the certified `oidc-provider`, which says what Microsoft Entra ID says. */
export interface Provider {
  issuer: string;
  /** The accounts by the name that is typed in. Changes count from the next sign-in on. */
  accounts: Map<string, ProviderAccount>;
  clientSecret: string;
  /** What Slipway is told of it. */
  settings: Record<string, unknown>;
  /** What codes were redeemed with (PKCE). */
  verifiers: string[];
  /** Seconds for which a code can be redeemed. */
  codesLast: number;
  /** Signs with another key from now on. */
  rotateKeys(): void;
  /** Whether a code can still be redeemed. */
  isRedeemable(code: string): Promise<boolean>;
  stop(): Promise<void>;
}

/** Starts a provider on a free port for a Slipway at an address. */
export async function startProvider(slipway: string): Promise<Provider> {
  const accounts = new Map<string, ProviderAccount>();
  let current: any;
  let handle: (request: IncomingMessage, response: ServerResponse) => void;
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/interaction/")) void interact(current, request, response);
    else if (request.url === "/graph/v1.0/me/getMemberObjects") void graph(current, accounts, request, response);
    else handle(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const rotateKeys = () => {
    current = create(issuer, slipway, accounts, () => provider.codesLast);
    current.on("grant.success", ({ oidc }: any) => provider.verifiers.push(oidc.params.code_verifier));
    handle = current.callback();
  };
  const provider: Provider = {
    issuer,
    accounts,
    clientSecret: SECRET,
    verifiers: [],
    codesLast: 60,
    settings: {
      contoso: {
        name: "Contoso",
        kind: "entra",
        tenant: TENANT,
        issuer,
        client_id: "slipway",
        client_secret: SECRET,
        groups: true,
        graph: `${issuer}/graph`,
        roles: { "Slipway.Administrator": "pipeline-administrator" },
      },
    },
    rotateKeys,
    isRedeemable: async (code) => {
      const found = await current.AuthorizationCode.find(code);
      return found !== undefined && !found.isExpired;
    },
    stop: () => stop(server),
  };
  rotateKeys();
  return provider;
}

function create(issuer: string, slipway: string, accounts: Map<string, ProviderAccount>, codesLast: () => number): unknown {
  const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
  return new OpenIdProvider(issuer, {
    clients: [{ client_id: "slipway", client_secret: SECRET, redirect_uris: [`${slipway}/sign-in/contoso/callback`] }],
    jwks: { keys: [{ ...key, alg: "RS256", use: "sig", kid: `key-${key.n?.slice(0, 8)}` }] },
    cookies: { keys: ["a key of the tests"] },
    claims: { openid: ["sub", "oid", "tid", "groups", "roles", "name", "preferred_username", "_claim_names"] },
    scopes: ["openid", "profile", "email"],
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    ttl: { AuthorizationCode: codesLast, AccessToken: 60, IdToken: 60, Grant: 60, Interaction: 60, Session: 60 },
    interactions: { url: (_: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
    findAccount: (_: unknown, id: string) => {
      const account = accounts.get(id);
      return account && { accountId: id, claims: () => claims(id, account) };
    },
    // Nobody is asked for consent.
    loadExistingGrant: async (context: any) => {
      const { client, session, provider } = context.oidc;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope("openid profile email");
      await grant.save();
      return grant;
    },
  });
}

function claims(id: string, account: ProviderAccount): Record<string, unknown> {
  const groups = account.overage ? { _claim_names: { groups: "src1" } } : { groups: account.groups ?? [] };
  return {
    sub: id,
    oid: account.oid,
    tid: TENANT,
    name: account.name,
    preferred_username: account.userName,
    roles: account.roles ?? [],
    ...groups,
  };
}

/** The page on which somebody says who they are. */
async function interact(provider: any, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "POST") {
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><title>Contoso</title><form method="post"><label>Account <input name="account"></label><button>Continue</button></form>`);
    return;
  }
  let body = "";
  for await (const piece of request) body += piece;
  const accountId = new URLSearchParams(body).get("account");
  await provider.interactionFinished(request, response, { login: { accountId } });
}

/** What Microsoft Graph says of somebody with too many groups for a token. */
async function graph(
  provider: any,
  accounts: Map<string, ProviderAccount>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const token = await provider.AccessToken.find(request.headers.authorization?.replace("Bearer ", "") ?? "");
  response.statusCode = token ? 200 : 401;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ value: accounts.get(token?.accountId)?.groups ?? [] }));
}

async function stop(server: HttpServer): Promise<void> {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
}
