import { type ReadonlySignal, useComputed, useSignal } from "@preact/signals";
import { Icon } from "./icon";
import type { LinkOffer, Recording } from "./recording";
import { say, words } from "./words";

export interface Banner {
  readonly id: string;
  readonly look: "caution" | "alarm";
  readonly text: string;
  readonly action?: { readonly label: string; readonly onPress: () => void };
}

interface Props {
  readonly recording: Recording;
  readonly banners: ReadonlySignal<readonly Banner[]> | undefined;
}

/**
 * What asks for attention, the most pressing first. It stands over the last events, in a place of its own, so that no
 * code moves for it; on a phone there is room for one, and the next comes when that is dealt with.
 */
export function Attention({ recording, banners }: Props) {
  const dismissed = useSignal<ReadonlySet<string>>(new Set());
  const open = useComputed(() => recording.openRatings("start"));
  const due = useComputed(() => recording.dueElsewhere());
  const shown = useComputed(() => (banners?.value ?? []).filter((banner) => !dismissed.value.has(banner.id)));
  const close = (id: string): void => { dismissed.value = new Set(dismissed.peek()).add(id); };
  const bannersOf = (look: Banner["look"]) =>
    shown.value.filter((banner) => banner.look === look).map((banner) => <BannerLine key={banner.id} banner={banner} onClose={close} />);
  return (
    <div class="attention" role="status">
      <TargetQuestion recording={recording} />
      {bannersOf("alarm")}
      {due.value.map((stream) => (
        <div key={stream.id} class="banner">
          <strong class="banner__words">{say("scan.due.all")}: {words(stream.label)}</strong>
          <button type="button" class="button" onClick={() => recording.wantPage(stream.id)}>{say("scan.go")}</button>
        </div>
      ))}
      {recording.isReadOnly ? null : recording.links.value.map((offer) => <LinkLine key={offer.id} recording={recording} offer={offer} />)}
      {open.value.length > 0 && !dismissed.value.has("ratings") ? (
        <BannerLine
          banner={{
            id: "ratings",
            look: "caution",
            text: `${say("rating.start")}: ${say("rating.open", { n: open.value.length })}`,
            action: { label: say("end.ratings.go"), onPress: () => recording.wantPage(open.peek()[0]?.stream.id ?? "") },
          }}
          onClose={close}
        />
      ) : null}
      {bannersOf("caution")}
    </div>
  );
}

function BannerLine({ banner, onClose }: { readonly banner: Banner; readonly onClose: (id: string) => void }) {
  return (
    <div class={`banner banner--${banner.look}`}>
      <span class="banner__words">{banner.text}</span>
      {banner.action ? <button type="button" class="button" onClick={banner.action.onPress}>{banner.action.label}</button> : null}
      <button type="button" class="icon-button" aria-label={say("close")} onClick={() => onClose(banner.id)}><Icon name="close" /></button>
    </div>
  );
}

/** The next touch of a tile says at whom it was directed. */
function TargetQuestion({ recording }: { readonly recording: Recording }) {
  const asking = recording.asking.value;
  if (!asking) return null;
  return (
    <div class="banner">
      <strong class="banner__words">{say("subjects.target")}</strong>
      {asking.optional ? <button type="button" class="button" onClick={() => recording.answerTarget(null)}>{say("subjects.target.nobody")}</button> : null}
    </div>
  );
}

/** "Question → answer?", with what is left of the window. A touch confirms; nothing is linked by itself. */
function LinkLine({ recording, offer }: { readonly recording: Recording; readonly offer: LinkOffer }) {
  return (
    <div class="link-offer">
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
  );
}
