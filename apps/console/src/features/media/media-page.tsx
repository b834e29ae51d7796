import { PageTitle } from '#shared/page-title.tsx';

export function MediaPage() {
  return <PageTitle name="Media" />;
}
