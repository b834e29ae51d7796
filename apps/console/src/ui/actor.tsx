import { actorTexts } from './actor.texts.ts';

/** The name of who did something; a name that no key proves says so on hover. */
export function Actor({ name, verified }: { name: string; verified: boolean }) {
  return (
    <b title={verified ? undefined : actorTexts.unverified}>
      <bdi>{name}</bdi>
    </b>
  );
}
