export interface Script {
  readonly file: string;
  readonly bytes: number;
  readonly isFirst: boolean;
}

export const LIMIT: number;
export function recorderScripts(): Promise<readonly Script[]>;
export function sum(scripts: readonly Script[], isFirst: boolean): number;
