// The part of a logger that the rooms of the cluster use (pino has it).
export interface ClusterLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
