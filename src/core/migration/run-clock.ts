/** The run's log and the time spent in each phase. */
import type { RunPhase } from '../report/model';
import type { RunPorts } from './ports';

export class RunClock {
  readonly startedAt: Date;
  readonly lines: string[] = [];
  private readonly entered: { readonly name: RunPhase; readonly at: number }[] = [];

  constructor(private readonly ports: Pick<RunPorts, 'now' | 'onLog' | 'onProgress'>) {
    this.startedAt = ports.now();
  }

  /** Says what is being done now; a new phase ends the one before. */
  async enter(phase: RunPhase, message: string): Promise<void> {
    if (this.entered.at(-1)?.name !== phase) this.entered.push({ name: phase, at: this.ports.now().getTime() });
    this.log('info', message);
    await this.ports.onProgress(phase, message);
  }

  has(phase: RunPhase): boolean {
    return this.entered.some(({ name }) => name === phase);
  }

  log(level: 'info' | 'warn' | 'error', line: string): void {
    this.lines.push(`${this.ports.now().toISOString()} ${level.toUpperCase().padEnd(5)} ${line}`);
    this.ports.onLog(level, line);
  }

  /** Milliseconds by phase, in the order in which they were first entered. */
  phases(): readonly { readonly name: string; readonly milliseconds: number }[] {
    const end = this.ports.now().getTime();
    const total = new Map<string, number>();
    this.entered.forEach(({ name, at }, index) => {
      const until = this.entered[index + 1]?.at ?? end;
      total.set(name, (total.get(name) ?? 0) + until - at);
    });
    return [...total].map(([name, milliseconds]) => ({ name, milliseconds }));
  }
}
