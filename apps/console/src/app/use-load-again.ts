import { useCallback } from 'react';
import { useNavigate } from 'react-router';

/**
 * Loads a page that failed once more; resolves when it has loaded or failed again. Not a revalidation: the router clears
 * an error only after rendering the loading state, which a fast reply prevents.
 */
export function useLoadAgain(): () => Promise<void> {
  const navigate = useNavigate();
  return useCallback(async () => void (await navigate(location, { replace: true })), [navigate]);
}
