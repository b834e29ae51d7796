import { PageTitle } from '#shared/page-title.tsx';

export function ModelPage() {
  return <PageTitle name="Model" />;
}
