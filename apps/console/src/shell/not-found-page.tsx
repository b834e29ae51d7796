import { Button } from '@mantine/core';
import { Link, useLocation } from 'react-router';
import { Blank } from '#shared/blank.tsx';
import { PageTitle } from '#shared/page-title.tsx';

export function NotFoundPage() {
  const { pathname } = useLocation();
  return (
    <>
      <PageTitle name="Not found" />
      <Blank title="There is no such page" text={`Nothing of the console lies at ${pathname}.`}>
        <Button component={Link} to="/" variant="default">
          Go to Home
        </Button>
      </Blank>
    </>
  );
}
