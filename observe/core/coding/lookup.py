"""Look-ups over one framework, made once for each session that is read."""

from __future__ import annotations

from collections.abc import Sequence

from frameworks.model import Actor, Code, Framework, Link, Rating, SamplingKind, SeenAs, Stream

INTERVALS = frozenset({
    SamplingKind.PARTIAL_INTERVAL, SamplingKind.WHOLE_INTERVAL, SamplingKind.PREDOMINANT_INTERVAL,
    SamplingKind.OBSERVE_RECORD, SamplingKind.TALLY,
})  # fmt: skip
SAMPLES = frozenset({SamplingKind.MOMENTARY_SCAN, SamplingKind.AREA_COUNT, SamplingKind.SNAPSHOTS})


class Lookup:
    """Streams, codes, ratings, links and actors by id, and whom a stream is about."""

    def __init__(self, framework: Framework) -> None:
        self.framework = framework
        self.stream_by_id: dict[str, Stream] = {stream.id: stream for stream in framework.streams}
        self.place_by_stream: dict[str, int] = {stream.id: i for i, stream in enumerate(framework.streams)}
        self.code_by_id: dict[str, tuple[Stream, Code]] = {
            code.id: (stream, code) for stream, code in framework.codes()
        }
        self.rating_by_id: dict[str, tuple[Stream, Rating]] = {
            rating.id: (s, rating) for s, rating in framework.ratings()
        }
        self.link_by_id: dict[str, Link] = {link.id: link for link in framework.links}
        self.actor_by_id: dict[str, Actor] = {actor.id: actor for actor in framework.actors}
        self._as_one: dict[str, str] = {stream.id: self._only_as_one(stream) for stream in framework.streams}

    def _only_as_one(self, stream: Stream) -> str:
        only = self.actor_by_id.get(stream.actors[0]) if len(stream.actors) == 1 else None
        return only.id if only is not None and only.seen_as is SeenAs.AS_ONE else ""

    def subject_in(self, stream: Stream | None, subject: str | None) -> str | None:
        """None when the subject is the stream's only actor, seen as one: there is nobody to tell it apart from."""
        if subject is None or stream is None or self._as_one[stream.id] != subject:
            return subject
        return None

    def subjects_of(
        self, stream: Stream, subjects: Sequence[str], actor_by_subject: dict[str, str]
    ) -> tuple[str | None, ...]:
        """Whom a stream is about, in order; (None,) where subjects are not told apart."""
        if stream.sampling.kind is SamplingKind.AREA_COUNT or not stream.actors or self._as_one[stream.id]:
            return (None,)
        about: dict[str | None, None] = {}
        for actor in (self.actor_by_id.get(name) for name in stream.actors):
            if actor is None:
                continue
            if actor.seen_as is SeenAs.AS_ONE:
                about[actor.id] = None
            elif actor.seen_as is SeenAs.COUNTED:
                about[None] = None
            else:
                about.update((s, None) for s in subjects if self._may_be(s, actor, actor_by_subject))
        return tuple(about) or (None,)

    def _may_be(self, subject: str, actor: Actor, actor_by_subject: dict[str, str]) -> bool:
        if subject in self.actor_by_id:
            return False
        return actor_by_subject.get(subject, actor.id) == actor.id
