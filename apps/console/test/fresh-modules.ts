import { vi } from 'vitest';

// Runs before each file of the unit tests. The libraries stay loaded from file to file; what a file did to the modules of the
// console, to globals and to the time does not.
vi.resetModules();
vi.restoreAllMocks();
vi.unstubAllGlobals();
vi.useRealTimers();
