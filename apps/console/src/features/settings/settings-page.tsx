import { PageTitle } from '#shared/page-title.tsx';

export function SettingsPage() {
  return <PageTitle name="Settings" />;
}
