import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host.ts";
import { imageBuild, imageName, IMAGES, type ImageName } from "./imageNames.ts";

export { IMAGE_USERS, type ImageName } from "./imageNames.ts";

/** The images of the stack, built on one host from `images/`. */
export class Images extends pulumi.ComponentResource {
  private readonly images: Record<ImageName, docker.RemoteImage>;

  constructor(name: string, args: { host: Host }, opts?: pulumi.ComponentResourceOptions) {
    super("acgs:docker:Images", name, {}, opts);
    const build = (image: ImageName) => {
      return new docker.RemoteImage(
        `${image}-image`,
        {
          name: imageName(image),
          build: imageBuild(image),
          // Other stacks of this engine may use the same image.
          keepLocally: true,
        },
        // The new image is there before the old one goes. The other way round, every container of the old one
        // would have to go first, all members at once.
        { parent: this, provider: args.host.provider, deleteBeforeReplace: false },
      );
    };
    this.images = Object.fromEntries(IMAGES.map((image) => [image, build(image)])) as Images["images"];
    this.registerOutputs({});
  }

  /** The id of an image. */
  id(image: ImageName): pulumi.Output<string> {
    return this.images[image].imageId;
  }
}
