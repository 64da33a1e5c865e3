/** A container as the Engine API makes it, as far as this project asks. */
export interface ContainerConfig {
  /** Name or id. */
  Image: string;
  Entrypoint?: string[];
  Cmd?: string[];
  /** Each as `NAME=value`. */
  Env?: string[];
  /** Name or number, with `:group` where that is wanted. */
  User?: string;
  Labels?: Record<string, string>;
  StopSignal?: string;
  ExposedPorts?: Record<string, object>;
  Healthcheck?: { Test: string[]; Interval: number };
  HostConfig?: HostConfig;
  NetworkingConfig?: { EndpointsConfig: Record<string, { Aliases: string[] }> };
}

interface HostConfig {
  /** Name of a network, `none`, `host` or `container:NAME`. */
  NetworkMode?: string;
  /** Each as `volume-or-path:path:options`. */
  Binds?: string[];
  Init?: boolean;
  AutoRemove?: boolean;
  ReadonlyRootfs?: boolean;
  CapAdd?: string[];
  CapDrop?: string[];
  /** Bytes. */
  Memory?: number;
  /** Bytes. */
  MemorySwap?: number;
  /** Bytes. */
  ShmSize?: number;
  CpuShares?: number;
  /** Options by path. */
  Tmpfs?: Record<string, string>;
  Dns?: string[];
  Ulimits?: { Name: string; Soft: number; Hard: number }[];
  PortBindings?: Record<string, { HostIp: string; HostPort: string }[]>;
}
