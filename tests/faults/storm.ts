import { setTimeout as pause } from 'node:timers/promises';
import type { House } from './house';
import type { PostOffice } from './post-office';
import type { Chance } from './random';

/** Something that was done to the house, from when until when. */
export interface Fault {
  what: string;
  /** Which worker or line, where it is about one. */
  n?: number;
  from: number;
  until: number;
}

type Act = (n: number) => Promise<void> | void;

export interface StormPlan {
  /** How many faults; each kind has its turn. */
  faults: number;
  /** How far the work has come: forms acknowledged and messages taken. */
  progress: () => number;
  /** How far it will come. */
  all: number;
}

/** A fault comes up to so many ms after the progress that it waited for. */
const JITTER_MS = 60;

/** Does its faults at random instants of the work, so that a slow machine has no more of them than a quick one. */
export class Storm {
  readonly faults: Fault[] = [];
  private over = false;
  private readonly raging: Promise<void>;

  constructor(
    private readonly house: House,
    private readonly office: PostOffice,
    private readonly chance: Chance,
    private readonly plan: StormPlan,
  ) {
    this.raging = this.rage();
  }

  /** Waits for the last fault. */
  async end(): Promise<void> {
    await this.raging;
    this.office.calm = true;
  }

  /** Ends the storm before its time. */
  async stop(): Promise<void> {
    this.over = true;
    await this.end();
  }

  private kinds(): [string, Act][] {
    const { house, office } = this;
    return [
      ['worker killed', (n) => house.workers[n]?.kill()],
      ['web killed', () => house.web.kill()],
      ['store killed', () => this.killStore()],
      ['line cut', (n) => office.lines[n]?.cut()],
      ['worker killed', (n) => house.workers[n]?.kill()],
      ['line down', (n) => this.during(n, (line, down) => Object.assign(line, { down }))],
      ['line slow', (n) => this.during(n, (line, slow) => Object.assign(line, { lag: slow ? 150 : 0 }))],
      ['disk full', () => this.fillDisk()],
    ];
  }

  private async rage(): Promise<void> {
    const { faults, progress, all } = this.plan;
    // Not in the last tenth: what comes when all is done disturbs nobody.
    const instants = Array.from({ length: faults }, () => this.chance.between(0, all * 0.9)).sort((a, b) => a - b);
    let left: [string, Act][] = [];
    for (const instant of instants) {
      if (left.length === 0) left = this.chance.shuffled(this.kinds());
      const [what, act] = left.pop() ?? ['', () => undefined];
      while (progress() < instant && !this.over) await pause(5);
      if (this.over) return;
      await pause(this.chance.between(0, JITTER_MS));
      await this.suffer(what, act);
    }
  }

  private async suffer(what: string, act: Act): Promise<void> {
    const n = Math.floor(this.chance.next() * this.house.workers.length);
    const fault: Fault = { what, n, from: Date.now(), until: Number.POSITIVE_INFINITY };
    this.faults.push(fault);
    await act(n);
    fault.until = Date.now();
  }

  private async killStore(): Promise<void> {
    this.house.store.kill();
    // Until it answers again, nothing can be recorded.
    await pause(200);
    await this.house.ready();
  }

  private async fillDisk(): Promise<void> {
    if (!this.house.fillDisk(true)) return;
    await pause(this.chance.between(300, 1200));
    this.house.fillDisk(false);
  }

  private async during(n: number, change: (line: PostOffice['lines'][number], on: boolean) => unknown): Promise<void> {
    const line = this.office.lines[n];
    if (!line) return;
    change(line, true);
    await pause(this.chance.between(200, 1500));
    change(line, false);
  }
}
