import { actorTexts } from './actor.texts.ts';
import { unnamed } from './format.ts';

/** The name of who did something; one that no key proves, and a missing one, says so on hover. */
export function Actor({ name, verified }: { name: string; verified: boolean }) {
  return (
    <b title={verified ? undefined : name === unnamed ? actorTexts.unnamed : actorTexts.unverified}>
      <bdi>{name}</bdi>
    </b>
  );
}
