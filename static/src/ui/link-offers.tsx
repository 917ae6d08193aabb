import { Icon } from "./icon";
import type { Recording } from "./recording";
import { say } from "./words";

/** "Question → answer?", with what is left of the window. A touch confirms; nothing is linked by itself. */
export function LinkOffers({ recording }: { readonly recording: Recording }) {
  const offers = recording.links.value;
  if (offers.length === 0 || recording.isReadOnly) return null;
  return (
    <div class="link-offers">
      {offers.map((offer) => (
        <div key={offer.id} class="link-offer">
          <Icon name="link" />
          <span class="link-offer__words">
            {say("link.offer", { from: offer.fromLabel, to: offer.toLabel, link: offer.label })}
            {offer.left === null ? null : <> <span class="link-offer__left">{say("link.left", { s: Math.ceil(offer.left / 1000) })}</span></>}
          </span>
          {offer.to === null ? (
            <button type="button" class="button" onClick={() => recording.answerLink(offer, null)}>{say("link.none")}</button>
          ) : (
            <button type="button" class="button button--primary" onClick={() => recording.answerLink(offer, offer.to)}>{say("yes")}</button>
          )}
          <button type="button" class="icon-button" aria-label={say("close")} onClick={() => recording.dismissLink(offer)}><Icon name="close" /></button>
        </div>
      ))}
    </div>
  );
}
