// The library ships no types. Of it we use a socket, a parser and the negotiation; what is written here was read in its
// source, at the version that package.json names.
declare module '@xmpp/client' {
  export interface Element {
    readonly name: string;
    readonly attrs: Readonly<Record<string, unknown>>;
    children: (Element | string)[];
    getName(): string;
    getNS(): string | undefined;
    toString(): string;
  }

  /** A socket, or the library's own wrapper around a TLS socket. */
  export interface Socket {
    readonly secure?: boolean;
    readonly socket?: import('node:tls').TLSSocket | null;
    readonly remoteAddress?: string | undefined;
    end(): void;
    destroy?(): void;
    pause?(): void;
    resume?(): void;
  }

  export interface Client {
    readonly socket: Socket | null;
    readonly reconnect: { stop(): void };
    connect(service: string): Promise<unknown>;
    open(options: { readonly domain: string }): Promise<unknown>;
    write(text: string): Promise<void>;
    on(event: string, heard: (...given: unknown[]) => void): void;
    // Ours in place of theirs.
    socketParameters: (service: string) => unknown;
    _onData: (data: Buffer) => void;
    _onElement: (element: Element) => void;
    _onSeeOtherHost: (error: unknown) => void;
  }

  export type Authenticate = (
    credentials: { readonly username: string; readonly password: string },
    mechanism: string,
  ) => Promise<void>;

  export function client(options: {
    readonly service: string;
    readonly domain: string;
    readonly resource: string;
    readonly timeout: number;
    readonly credentials: (
      authenticate: Authenticate,
      mechanisms: readonly string[],
      fast: unknown,
      entity: Client,
    ) => Promise<void>;
  }): Client;

  export function xml(
    name: string,
    attrs?: Readonly<Record<string, string>> | null,
    ...children: (Element | string)[]
  ): Element;
}
