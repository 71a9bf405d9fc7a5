"""
The addresses of the plugin's own pages; a host site includes this module under one prefix.

Each module of `cms.work` lists its own; every view has a policy line (`cms.work.doors.door`).
"""

from django.urls import URLPattern, URLResolver

from padwijzer.cms.work import cases, consent, documents, family, inbox, members, questions, steps, tracks

app_name = "padwijzer"

urlpatterns: list[URLPattern | URLResolver] = [
    *inbox.urlpatterns,
    *questions.urlpatterns,
    *cases.urlpatterns,
    *members.urlpatterns,
    *family.urlpatterns,
    *consent.urlpatterns,
    *tracks.urlpatterns,
    *documents.urlpatterns,
    *steps.urlpatterns,
]
