// What the suites need of a test runner: vitest's and Node's both fit. Nothing of either is loaded by importing a suite.
export interface Runner {
  describe(name: string, body: () => void): void;
  test(name: string, body: () => void | Promise<void>): void;
}
