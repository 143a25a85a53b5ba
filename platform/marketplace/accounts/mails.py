"""Letters that accounts sends beside those of the sign-in itself."""

from django.conf import settings
from django.core.mail import send_mail

from marketplace.accounts.models import Invitation
from marketplace.common import outbox
from marketplace.common.models import OutboxEvent


def send_invitation(event: OutboxEvent) -> None:
    """Tell an address of its invitation, in both languages, since nobody knows the reader's."""
    invitation = Invitation.objects.select_related("organisation").filter(pk=event.object_id).first()
    if invitation is None:
        return
    organisation = invitation.organisation
    name_zh = organisation.name_zh or organisation.name_en
    name_en = organisation.name_en or organisation.name_zh
    link = f"{settings.SITE_URL}/organisation/"
    send_mail(
        f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{name_zh} 邀请您加入 / {name_en} invites you",
        f"{name_zh} 邀请您在津桥上代表其办理业务。请用本邮箱注册或登录，然后在此接受或谢绝：\n{link}\n"
        f"邀请有效至 {invitation.expires_at:%Y-%m-%d}。若与您无关，请忽略本信。\n\n"
        f"{name_en} invites you to act for it on Jinqiao. Sign up or sign in with this address, then accept or decline here:\n{link}\n"
        f"The invitation is open until {invitation.expires_at:%Y-%m-%d}. If it is not meant for you, ignore this letter.\n",
        None,
        [invitation.email],
    )


def install() -> None:
    """Have the outbox call this room (at start)."""
    outbox.consumer("invitation.made", "accounts.invitation_letter")(send_invitation)
