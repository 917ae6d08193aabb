"""Tablets: let them in by a picture that they read, see when they last came, take lost ones out."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from observe.actions import devices
from observe.store import devices as kept
from observe.store.studies import Study
from observe.web import clock, current
from observe.web.guard import needs
from observe.web.qr import qr

pages = Blueprint("devices", __name__, url_prefix="/studies/<slug>/devices")


@pages.get("/")
@needs("device.enrol")
def index(study: Study) -> str:
    return render_template("devices/index.html", devices=kept.of_study(current.database(), study.id))


@pages.post("/enrol")
@needs("device.enrol")
def enrol(study: Study) -> ResponseReturnValue:
    """A code that is shown once. It stands behind the # of the address, which browsers keep to themselves."""
    code = devices.offer(current.database(), current.person(), study, limits=current.limits(), now=clock.now())
    address = f"{request.host_url}enrol#{code.words}"
    return render_template("devices/enrol.html", code=code, address=address, picture=qr(address))


@pages.post("/<device_id>/revoke")
@needs("device.manage")
def revoke(study: Study, device_id: str) -> ResponseReturnValue:
    """What a revoked tablet still sends is kept aside, not lost."""
    device = devices.revoke(current.database(), current.person(), study, device_id, now=clock.now())
    flash(f"{device.label} gets nothing any more. What it still sends is kept aside for you.", "good")
    return redirect(url_for(".index"), 303)


@pages.post("/<device_id>/label")
@needs("device.manage")
def rename(study: Study, device_id: str) -> ResponseReturnValue:
    devices.rename(
        current.database(), current.person(), study, device_id, request.form.get("label", ""), now=clock.now()
    )
    return redirect(url_for(".index"), 303)
