"""
Pages: a step from beginning to end.

Nothing here knows a step: what is asked, what stands in the way and what comes next is read from the definition. What
is typed is kept at every page, right or wrong; only `complete_task`, `skip_task` and, for one
answer, `answer_alone` make it final.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from padwijzer.cms.work.deviating import DeviationForm
from padwijzer.cms.work.doors import acting_of, door, form_key, page, task_of
from padwijzer.cms.work.refusing import helpers_of, refusal_lines
from padwijzer.cms.work.step_desk import ALONE, LATER, PAGE, SHOW_FAULTS, Desk
from padwijzer.cms.work.step_words import (
    beside,
    blocked_lines,
    clock_words,
    day_words,
    frame,
    grounds_of,
    helpers,
    length_words,
    obligation_words,
    rule_lines,
    short,
    summary_links,
    title_of,
)
from padwijzer.cms.work.wording import due_words
from padwijzer.forms.core.field_types import show
from padwijzer.forms.core.schema import in_language
from padwijzer.forms.guide import LineState, Page, PageState
from padwijzer.forms.rendering import StepForm
from padwijzer.workflows.actions.answer_alone import answer_alone
from padwijzer.workflows.actions.claim_task import claim_task
from padwijzer.workflows.actions.complete_task import Completion, complete_task
from padwijzer.workflows.actions.deviation import LOOK_AGAIN, Deviation
from padwijzer.workflows.actions.record_look import record_look
from padwijzer.workflows.actions.skip_task import skip_task
from padwijzer.workflows.core.definition import Effect, Kind, Obligation
from padwijzer.workflows.core.errors import Blocked, BreaksSafeguard, Conflict, DeviationNeeded, InvalidAnswers
from padwijzer.workflows.history.receipts import receipt
from padwijzer.workflows.history.timeline import PastEvent, events_of
from padwijzer.workflows.queries.foreseeing import safeguards_ahead
from padwijzer.workflows.queries.step_aside import readers_of, terms_of
from padwijzer.workflows.queries.step_outcomes import NextStep, asked_of_others, next_steps, outcome_of
from padwijzer.workflows.queries.steps import StepInCase
from padwijzer.workflows.queries.watches import needs_reason

GET_AND_POST = ("GET", "HEAD", "POST")
REASON = "reden"
"""In an address: skip a step with a reason, although the step itself asks for none."""


# Beginning


@door("task")
@require_http_methods(GET_AND_POST)
def step_start(request: HttpRequest, task: int) -> HttpResponse:
    """What a step is about, before it is begun; what was handed in, once it is done. Posting takes it up."""
    step = _step(request, task)
    if request.method == "POST":
        desk = _desk(step)
        if step.task.owner_id != step.user.pk:
            claim_task(acting_of(request), step.task.pk)
        return HttpResponseRedirect(_first_address(desk))
    _looked(request, step)
    if not step.task.is_open:
        return _handed_in(request, step)
    desk = Desk(step)
    may = step.may_perform
    may_skip = may and step.is_skippable and step.may("deviate")
    context = {
        **frame(step),
        **beside(step),
        "instruction": in_language(step.activity.instruction),
        "grounds": grounds_of(step),
        "obligation": obligation_words(step),
        "length": length_words(step, desk.guided),
        "questions": _questions(desk),
        "terms": terms_of(step),
        "due_words": due_words(step.task.due, step.at),
        "readers": readers_of(step),
        "standing": rule_lines(step.standing()),
        "known": _known_rows(desk),
        "may_perform": may,
        "must_claim": step.task.owner_id is None,
        "is_begun": step.draft is not None and not step.draft.lost,
        "go_on_url": _first_address(desk),
        "saved": clock_words(step.draft.saved_at) if step.draft is not None else "",
        "performers": step.performer_words(),
        "advisers": step.adviser_words(),
        "is_decision": step.activity.kind is Kind.DECISION,
        "may_decide": step.may_decide,
        "skip_url": reverse("padwijzer:step_skip", args=[step.task.pk]) if may_skip else "",
    }
    return page(request, "step_start", context)


def _handed_in(request: HttpRequest, step: StepInCase) -> HttpResponse:
    event = _event(step)
    found = outcome_of(step, event)
    task = step.task
    context = {
        **frame(step),
        **beside(step),
        "rows": [
            {"key": it.question, "lines": it.words.splitlines(), "status": "", "note": _erased(it.erased)}
            for it in found.answers
        ],
        "withheld": found.withheld,
        "deviation": found.deviation,
        "receipt": receipt(event.hash) if event is not None else "",
        "by": task.completed_by,
        "on": day_words(task.completed_on),
        "is_skipped": task.outcome == "skipped",
        "is_cancelled": task.outcome == "cancelled",
    }
    return page(request, "step_handed_in", context)


def _erased(erased: bool) -> str:
    return _("This answer was destroyed, as the law asks.") if erased else ""


# Filling in


@door("task")
@require_http_methods(GET_AND_POST)
def step(request: HttpRequest, task: int, number: int) -> HttpResponse:
    """One page of the step. What is posted is kept, right or wrong."""
    found = _step(request, task)
    if request.method == "POST":
        return _keep_page(request, found, number)
    if not found.task.is_open:
        return _to_start(found)
    desk = _desk(found)
    if not found.may("perform_step"):
        return _to_start(found)
    asked = _page(desk, number)
    if not desk.is_asked(asked):
        return HttpResponseRedirect(desk.url(desk.guided.after(asked.key)))
    _looked(request, found)
    form = desk.judged_form(asked) if SHOW_FAULTS in request.GET else desk.form(asked)
    return _show_page(request, desk, asked, form)


def _keep_page(request: HttpRequest, found: StepInCase, number: int) -> HttpResponse:
    desk = _desk(found)
    asked = _page(desk, number)
    form = desk.form(asked, data=request.POST, files=request.FILES)
    is_later, is_right = LATER in request.POST, form.reading.is_right
    desk.keep(request, asked, form)
    if is_later:
        words = _("“%(step)s” has been kept. You can go on with it from your tasks.") % {"step": title_of(found)}
        messages.success(request, words)
        return HttpResponseRedirect(reverse("padwijzer:tasks"))
    after = Desk(_again(found))
    if form.pressed:
        return HttpResponseRedirect(desk.url(asked))
    if is_right or form.reading.is_right:
        return HttpResponseRedirect(after.url(after.guided.after(asked.key)))
    return _show_page(request, after, asked, form, status=422)


@door("task")
@require_POST
def step_answer(request: HttpRequest, task: int) -> HttpResponse:
    """Save one answer of a page as final, before the rest of the step; the page is kept, and comes back."""
    found = _step(request, task)
    desk = _desk(found)
    question = request.POST.get(ALONE, "")
    asked = next((it for it in desk.guided.all_pages if question in it.keys), None)
    if asked is None:
        raise Http404
    form = desk.form(asked, data=request.POST, files=request.FILES)
    desk.keep(request, asked, form)
    after = Desk(_again(found))
    try:
        answer_alone(
            acting_of(request), task, question, after.answers(), form_key=request.POST.get("form_key", "")[:36]
        )
    except InvalidAnswers:
        return _show_page(request, after, asked, form, status=422)
    messages.success(request, _("Your answer has been recorded. You can fill in the rest of the step later."))
    return HttpResponseRedirect(desk.url(asked))


def _alone(desk: Desk, asked: Page) -> list[dict[str, Any]]:
    """The questions of a page whose answer can be saved as final before the rest."""
    return [
        {
            "key": spec.key,
            "label": in_language(spec.label),
            "on": desk.step.alone[spec.key].on if spec.key in desk.step.alone else None,
        }
        for spec in desk.spec.fields
        if spec.saved_alone and spec.key in asked.keys and spec.key in desk.reading.shown
    ]


def _show_page(request: HttpRequest, desk: Desk, asked: Page, form: StepForm, *, status: int = 200) -> HttpResponse:
    step = desk.step
    progress = desk.guided.progress(asked.key)
    before = desk.guided.before(asked.key)
    is_first = before is None
    context = {
        **frame(step),
        **beside(step),
        "form": form,
        "errors": summary_links(form),
        "has_new": bool(form.reading.newly_asked) and not form.errors and form.is_bound,
        "number": progress.number,
        "total": progress.total,
        "steps": _progress(desk, asked),
        "lead": in_language(step.activity.instruction) if is_first else "",
        "length": length_words(step, desk.guided) if is_first else "",
        "page_key": asked.key,
        "page_name": PAGE,
        "save_url": reverse("padwijzer:step_save", args=[step.task.pk]),
        "alone": _alone(desk, asked),
        "alone_url": reverse("padwijzer:step_answer", args=[step.task.pk]),
        "form_key": form_key(),
        "back_url": desk.url(before) if before else reverse("padwijzer:step_start", args=[step.task.pk]),
        "back_label": "" if before else _("Back to the start"),
        "saved": clock_words(step.draft.saved_at) if step.draft is not None else "",
    }
    return page(request, "step", context, status=status)


@door("task")
@require_POST
def step_save(request: HttpRequest, task: int) -> HttpResponse:
    """Keep a page that is being filled in. The small script posts here; without it, the page comes back."""
    found = _step(request, task)
    desk = _desk(found)
    key = request.POST.get(PAGE, "")
    asked = next((it for it in desk.guided.all_pages if it.key == key), None)
    if asked is None:
        raise Http404
    is_script = request.headers.get("Accept") == "application/json"
    try:
        draft = desk.keep(
            request, asked, desk.form(asked, data=request.POST, files=None if is_script else request.FILES)
        )
    except Conflict:
        if not is_script:
            raise
        return JsonResponse({"words": _("Somebody else has already done this step."), "gone": True}, status=409)
    if is_script:
        return JsonResponse({"words": clock_words(draft.saved_at)})
    return HttpResponseRedirect(desk.url(asked))


# Checking and handing in


@door("task")
@require_http_methods(GET_AND_POST)
def step_check(request: HttpRequest, task: int) -> HttpResponse:
    """All answers, what stands in the way, and the button that makes it final."""
    found = _step(request, task)
    if request.method == "POST":
        return _hand_in(request, found)
    if not found.task.is_open:
        return _to_start(found)
    desk = _desk(found)
    if not found.may("perform_step"):
        return _to_start(found)
    _looked(request, found)
    return _show_check(request, desk)


def _show_check(request: HttpRequest, desk: Desk) -> HttpResponse:
    step = desk.step
    acting = () if desk.reading.open else step.acting(desk.reading.answers)
    blocks = [it for it in acting if it.effect is Effect.BLOCK]
    deviations = [it for it in acting if it.effect is Effect.DEVIATION]
    last = desk.guided.pages[-1] if desk.guided.pages else None
    context = {
        **frame(step),
        **beside(step),
        "rows": [_check_row(desk, it) for it in desk.lines],
        "is_open": bool(desk.reading.open),
        "blocks": rule_lines(blocks),
        "deviations": [] if blocks else rule_lines(deviations),
        "warnings": rule_lines(it for it in acting if it.effect is Effect.WARN),
        "to_come": rule_lines(it for it in acting if it.effect in (Effect.TASK, Effect.ALARM)),
        "steps": _progress(desk, None),
        "is_decision": step.activity.kind is Kind.DECISION,
        "may_decide": step.may_decide,
        "performers": step.performer_words(),
        "advisers": step.adviser_words(),
        "stays_open": step.activity.stays_open,
        "form_key": form_key(),
        "back_url": desk.url(last) if last else reverse("padwijzer:step_start", args=[step.task.pk]),
    }
    return page(request, "step_check", context)


def _hand_in(request: HttpRequest, step: StepInCase) -> HttpResponse:
    desk = _desk(step)
    wrong = desk.first_wrong()
    if wrong is not None and _is_open_still(step):
        return HttpResponseRedirect(desk.url(wrong, faults=True))
    return _finish(request, desk, None)


def _finish(request: HttpRequest, desk: Desk, deviation: Deviation | None) -> HttpResponse:
    """Complete the step. Raises: InvalidAnswers where the deviation itself is not right."""
    step = desk.step
    task = step.task.pk
    key = request.POST.get("form_key", "")[:36]
    try:
        complete_task(acting_of(request), task, desk.answers(), form_key=key, deviation=deviation)
    except InvalidAnswers as invalid:
        wrong = next((desk.guided.page_of(it) for it in invalid.errors if desk.guided.page_of(it)), None)
        if wrong is None:
            raise
        return HttpResponseRedirect(desk.url(wrong, faults=True))
    except BreaksSafeguard as broken:
        deviate_url = reverse("padwijzer:step_deviate", args=[task]) if step.may("deviate") else ""
        return _safeguard_in_the_way(request, step, broken, desk.url(None), deviate_url)
    except Blocked as blocked:
        return _in_the_way(request, step, blocked)
    except DeviationNeeded:
        return HttpResponseRedirect(reverse("padwijzer:step_deviate", args=[task]))
    return HttpResponseRedirect(reverse("padwijzer:step_done", args=[task]))


def _in_the_way(request: HttpRequest, step: StepInCase, blocked: Blocked) -> HttpResponse:
    context = {
        **frame(step),
        **beside(step),
        "reasons": blocked_lines(blocked),
        "helpers": helpers(step),
        "check_url": reverse("padwijzer:step_check", args=[step.task.pk]),
    }
    return page(request, "step_blocked", context, status=422)


def _safeguard_in_the_way(
    request: HttpRequest, step: StepInCase, broken: BreaksSafeguard, back_url: str, deviate_url: str, **more: Any
) -> HttpResponse:
    context = {
        **frame(step),
        **beside(step),
        "refusals": refusal_lines(step, broken.refusals),
        "helpers": helpers_of(step, broken.refusals),
        "back_url": back_url,
        "deviate_url": deviate_url if broken.may_deviate else "",
        **more,
    }
    return page(request, "step_safeguard", context, status=422)


# Deviating and skipping


@door("task")
@require_http_methods(GET_AND_POST)
def step_deviate(request: HttpRequest, task: int) -> HttpResponse:
    """Why a rule is not followed here: four fields. Posting completes the step in one go."""
    found = _step(request, task)
    if request.method != "POST" and not found.task.is_open:
        return _to_start(found)
    desk = _desk(found)
    if desk.first_wrong() is not None and _is_open_still(found):
        return HttpResponseRedirect(desk.url(None))
    needed = [it for it in found.acting(desk.reading.answers) if it.effect is Effect.DEVIATION]
    broken = safeguards_ahead(found, desk.reading.answers)
    is_enough = all(it.safeguard.deviation for it in broken) and (not broken or found.may("deviate"))
    if not (is_enough and (needed or broken)) and _is_open_still(found):
        return HttpResponseRedirect(desk.url(None))
    latest = min((_look_again(found, it.rule.look_again) for it in needed), default=_look_again(found, ""))
    context = {"reasons": rule_lines(needed), "refusals": refusal_lines(found, broken), "back_url": desk.url(None)}
    return _deviating(request, found, latest, context, lambda given: _finish(request, desk, given))


@door("task")
@require_http_methods(GET_AND_POST)
def step_skip(request: HttpRequest, task: int) -> HttpResponse:
    """Skip a step: an optional one with one click, one of the way we work with a reason, one of the law never."""
    found = _step(request, task)
    if request.method != "POST" and not found.task.is_open:
        return _to_start(found)
    if not found.may("perform_step") or not found.may("deviate"):
        raise Http404
    start = reverse("padwijzer:step_start", args=[found.task.pk])
    if not found.is_skippable:
        context = {**frame(found), "is_law": found.obligation is Obligation.LAW, "grounds": grounds_of(found)}
        return page(request, "step_no_skip", {**context, "back_url": start}, status=200)
    if REASON in request.GET or needs_reason(found.release, found.plan.place, found.obligation):
        latest = _look_again(found, "")
        broken = safeguards_ahead(found, None)
        context = {
            "reasons": [],
            "refusals": refusal_lines(found, broken),
            "back_url": start,
            "is_skip": True,
            "grounds": grounds_of(found),
        }
        return _deviating(request, found, latest, context, lambda given: _skip(request, found, given))
    if request.method == "POST":
        return _skip(request, found, None)
    return page(request, "step_skip", {**frame(found), "form_key": form_key(), "back_url": start})


def _skip(request: HttpRequest, step: StepInCase, deviation: Deviation | None) -> HttpResponse:
    key = request.POST.get("form_key", "")[:36]
    try:
        done: Completion = skip_task(acting_of(request), step.task.pk, form_key=key, deviation=deviation)
    except BreaksSafeguard as broken:
        start = reverse("padwijzer:step_start", args=[step.task.pk])
        again = reverse("padwijzer:step_skip", args=[step.task.pk]) + f"?{REASON}=1"
        return _safeguard_in_the_way(request, step, broken, start, again, is_skip=True)
    except Blocked as blocked:
        return _in_the_way(request, step, blocked)
    return HttpResponseRedirect(reverse("padwijzer:step_done", args=[done.task]))


def _deviating(
    request: HttpRequest,
    step: StepInCase,
    latest: date,
    context: dict[str, Any],
    then: Callable[[Deviation], HttpResponse],
) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = DeviationForm(posted, colleagues=step.colleagues(), today=step.on, latest=latest)
    if posted is not None and form.is_valid():
        try:
            return then(form.deviation())
        except InvalidAnswers as invalid:
            for key, sentences in invalid.errors.items():
                for sentence in sentences:
                    form.add_error(key if key in form.fields else None, sentence)
    around = {**frame(step), **beside(step), "errors": summary_links(form)}
    context = {**around, "form": form, "form_key": form_key(), **context}
    return page(request, "step_deviate", context, status=422 if form.errors else 200)


def _look_again(step: StepInCase, term: str) -> date:
    day = step.file.times.shift(step.on, 1, term or LOOK_AGAIN)
    return day or step.on


# Done


@door("task")
@require_safe
def step_done(request: HttpRequest, task: int) -> HttpResponse:
    """It is done: what happens next, who does it and when, and the receipt."""
    found = _step(request, task)
    if found.task.is_open:
        return _to_start(found)
    event = _event(found)
    opened = next_steps(found)
    mine = next((it for it in opened if it.is_mine), None)
    context = {
        **frame(found),
        "title": _("Done"),
        "step_title": title_of(found),
        "is_skipped": found.task.outcome == "skipped",
        "is_saved": found.task.outcome == "saved",
        "receipt": receipt(event.hash) if event is not None else "",
        "next": [_next(found, it) for it in opened],
        "others": asked_of_others(found),
        "answers_url": reverse("padwijzer:step_start", args=[found.task.pk]),
        "mine": mine,
        "mine_url": reverse("padwijzer:step_start", args=[mine.task]) if mine else "",
    }
    return page(request, "step_done", context)


def _next(step: StepInCase, it: NextStep) -> dict[str, Any]:
    return {
        "title": it.title,
        "url": reverse("padwijzer:step_start", args=[it.task]) if it.may_open else "",
        "who": _("you") if it.is_mine else it.who,
        "is_held": it.is_held,
        "due": it.due,
        "due_words": due_words(it.due, step.at),
    }


# What the pages share


def _step(request: HttpRequest, task: int) -> StepInCase:
    """The step, when this user may know of it. Raises: Http404 when he may not."""
    acting = acting_of(request)
    found = StepInCase(task_of(request, task), acting.user, acting.at)
    if not found.may_see:
        raise Http404
    return found


def _desk(step: StepInCase) -> Desk:
    """
    His work on a step; a colleague may have taken it up or done it meanwhile, and then the actions say so.

    Raises:
        Http404: the step is none of his roles', or stands still.
    """
    roles = {it.role for it in step.held() if it.user_id == step.user.pk}
    if not roles & step.performers or (step.task.is_open and not step.is_open):
        raise Http404
    return Desk(step)


def _is_open_still(step: StepInCase) -> bool:
    """Whether the step is open, asked once more: who was first changed the case between two questions about it."""
    step.task.refresh_from_db(fields=["status"])
    return step.task.is_open


def _again(step: StepInCase) -> StepInCase:
    """The same step, with its draft as it was kept just now."""
    step.__dict__.pop("draft", None)
    return step


def _looked(request: HttpRequest, step: StepInCase) -> None:
    record_look(acting_of(request), step.case, "step")


def _to_start(step: StepInCase) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("padwijzer:step_start", args=[step.task.pk]))


def _page(desk: Desk, number: int) -> Page:
    found = desk.page(number)
    if found is None:
        raise Http404
    return found


def _first_address(desk: Desk) -> str:
    return desk.url(desk.resume())


def _event(step: StepInCase) -> PastEvent | None:
    """What completed a step, with all its values; what may be seen of them is decided by `EventSight`."""
    seq = step.task.event
    if seq is None:
        return None
    found = events_of(step.case.stream, lambda _type, _name: True, after=seq - 1, before=seq + 1)
    return found[0] if found else None


def _progress(desk: Desk, asked: Page | None) -> list[dict[str, Any]]:
    states = desk.guided.progress(asked.key if asked else "").states
    is_one = len(states) == 1
    found = [
        {
            "label": _("Fill in") if is_one else short(_label(desk, one)),
            "state": state.value,
            "url": desk.url(one) if state is PageState.DONE else "",
        }
        for one, state in states
    ]
    check = {"label": _("Check"), "state": "current" if asked is None else "todo", "url": ""}
    if asked is not None and desk.guided.resume() is None:
        check["url"] = desk.url(None)
    return [*found, check]


def _label(desk: Desk, one: Page) -> str:
    spec = desk.spec.field(one.keys[0])
    return in_language(spec.label) if spec is not None else one.key


def _questions(desk: Desk) -> list[str]:
    """The questions that must be answered, to have at hand what they ask."""
    asked = frozenset(desk.reading.shown)
    return [in_language(it.label) for it in desk.spec.fields if it.required and it.key in asked]


def _known_rows(desk: Desk) -> list[dict[str, Any]]:
    names = desk.step.context.names()
    rows = []
    for spec in desk.spec.fields:
        known = desk.step.context.known.get(spec.key)
        if known is not None:
            note = _("Known from %(source)s, %(day)s") % {"source": known.source, "day": day_words(known.on)}
            lines = show(known.value, spec, names).splitlines()
            rows.append({"key": in_language(spec.label), "lines": lines, "note": note, "status": ""})
    return rows


def _check_row(desk: Desk, line: Any) -> dict[str, Any]:
    found = desk.guided.page(line.page)
    is_wrong = line.state is LineState.WRONG
    is_told = line.state in (LineState.UNKNOWN, LineState.NOT_FILLED, LineState.KNOWN)
    return {
        "key": line.label,
        "lines": line.lines,
        "status": line.state.value if is_told else "",
        "is_wrong": is_wrong,
        "url": desk.url(found, faults=is_wrong) if found else "",
    }


urlpatterns: list[URLPattern] = [
    path("taken/<int:task>/", step_start, name="step_start"),
    path("taken/<int:task>/stap/<int:number>/", step, name="step"),
    path("taken/<int:task>/bewaren/", step_save, name="step_save"),
    path("taken/<int:task>/vastleggen/", step_answer, name="step_answer"),
    path("taken/<int:task>/controleren/", step_check, name="step_check"),
    path("taken/<int:task>/afwijken/", step_deviate, name="step_deviate"),
    path("taken/<int:task>/overslaan/", step_skip, name="step_skip"),
    path("taken/<int:task>/klaar/", step_done, name="step_done"),
]
