declare module '@modelcontextprotocol/server-everything/dist/server/index.js' {
  export function createServer(): {
    readonly server: { connect: (transport: never) => Promise<void>; close: () => Promise<void> };
    readonly cleanup: (sessionId?: string) => void;
  };
}
