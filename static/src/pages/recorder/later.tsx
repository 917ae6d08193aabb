import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { allWords, say } from "../../ui/words";
import { report } from "./app";

/**
 * A page that is fetched when it is first wanted, so that a recording can begin, or go on after a crash, the sooner.
 * All files are on the tablet since the installation: this works without a network too. A quiet one is no page, and
 * has nothing to say while it loads.
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>, isQuiet = false): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Later(props: P) {
    const [Page, setPage] = useState<ComponentType<P> | null>(() => loaded);
    useEffect(() => {
      if (Page) return;
      Promise.all([load(), allWords()])
        .then(([page]) => {
          loaded = page;
          setPage(() => page);
        })
        .catch(report);
    }, []);
    return Page ? <Page {...props} /> : isQuiet ? null : <p class="welcome" role="status">{say("loading")}</p>;
  };
}
