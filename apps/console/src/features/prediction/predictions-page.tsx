import { PageTitle } from '#shared/page-title.tsx';

export function PredictionsPage() {
  return <PageTitle name="Predictions" />;
}
