import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { say } from "../../ui/words";
import { report } from "./app";

/**
 * A page that is fetched when it is first wanted, so that a recording can begin, or go on after a crash, the sooner.
 * All files are on the tablet since the installation: this works without a network too.
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Later(props: P) {
    const [Page, setPage] = useState<ComponentType<P> | null>(() => loaded);
    useEffect(() => {
      if (Page) return;
      load()
        .then((page) => {
          loaded = page;
          setPage(() => page);
        })
        .catch(report);
    }, []);
    return Page ? <Page {...props} /> : <p class="welcome" role="status">{say("loading")}</p>;
  };
}
