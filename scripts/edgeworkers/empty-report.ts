/** Of an event that no handler ran for. */
import type { EventName, EventReport, EventStatus } from './event.ts';

export const emptyReport = (event: EventName, status: EventStatus, statusMessage: string): EventReport => ({
  event,
  status,
  statusMessage,
  initWallMs: 0,
  initCpuMs: 0,
  wallMs: 0,
  cpuMs: 0,
  machineFactor: 1,
  memoryBytes: 0,
  log: '',
  subRequests: [],
  excesses: [],
  instance: 0,
});
