import type * as pulumi from "@pulumi/pulumi";
import { isDeepStrictEqual } from "node:util";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { running, signalContainer } from "../../lib/docker/containers.ts";
import { endOf, issueCertificate, type KeyPair } from "../security/x509.ts";
import { type Reload, type CertificatePolicy, TLS_FILE } from "./containerFiles.ts";
import { writeFiles } from "./writeFiles.ts";

interface Inputs {
  container: ContainerAddress;
  image: string;
  user: number;
  volume: string;
  files: Record<string, string>;
  reloadableFiles: Record<string, string>;
  certificate: CertificatePolicy;
  authority: KeyPair;
  reload: Reload;
}

interface Outputs extends Inputs {
  issued: KeyPair;
  endsAt: string;
}

async function withCertificate(inputs: Inputs): Promise<Outputs> {
  const { names, validDays } = inputs.certificate;
  const issued = await issueCertificate(inputs.authority, names, validDays);
  return { ...inputs, issued, endsAt: endOf(issued.certificate) };
}

function write({
  container,
  image,
  user,
  volume,
  files,
  reloadableFiles,
  authority,
  issued,
}: Outputs): Promise<void> {
  return writeFiles(
    { docker: container.docker, image, user, volume },
    {
      ...files,
      ...reloadableFiles,
      [TLS_FILE.certificate]: issued.certificate,
      [TLS_FILE.key]: issued.key,
      [TLS_FILE.authority]: authority.certificate,
    },
  );
}

async function reloadProgram({ container, reload }: Inputs): Promise<void> {
  if (reload === "none" || (await running([container])).length === 0) return;
  await signalContainer(container, reload.signal);
}

export const provider: pulumi.dynamic.ResourceProvider<Inputs, Outputs> = {
  async create(inputs) {
    const outs = await withCertificate(inputs);
    await write(outs);
    return { id: inputs.volume, outs };
  },
  async update(_id, olds, news) {
    const sameCertificate =
      isDeepStrictEqual(olds.certificate, news.certificate) &&
      olds.authority.certificate === news.authority.certificate;
    const { issued, endsAt } = olds;
    const outs = sameCertificate ? { ...news, issued, endsAt } : await withCertificate(news);
    await write(outs);
    if (!sameCertificate || !isDeepStrictEqual(olds.reloadableFiles, news.reloadableFiles))
      await reloadProgram(news);
    return { outs };
  },
};
