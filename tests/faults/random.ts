/** Chance that can be had again: the same seed gives the same row of numbers (mulberry32). */
export class Chance {
  constructor(private state: number) {}

  /** 0 ≤ x < 1 */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  /** One of these, each as often as its weight says. */
  pick<T>(weighted: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.next() * weighted.reduce((sum, [weight]) => sum + weight, 0);
    const found = weighted.find(([weight]) => {
      left -= weight;
      return left < 0;
    });
    const last = found ?? weighted.at(-1);
    if (!last) throw new Error('nothing to pick from');
    return last[1];
  }

  shuffled<T>(list: readonly T[]): T[] {
    const drawn = list.map((one) => [this.next(), one] as const);
    return drawn.sort(([a], [b]) => a - b).map(([, one]) => one);
  }
}
