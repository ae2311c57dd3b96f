"""The fixed vocabularies of badges. Stored values are the values on the wire."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TemplateType(models.TextChoices):
    """Reference openbadge_eu section 5.1, `type`."""

    PARTICIPATION = "participation", _("Participation")
    SKILLS = "skills", _("Skills")
    KNOWLEDGE = "knowledge", _("Knowledge")
    QUALIFICATION = "qualification", _("Qualification")


class TemplateStatus(models.TextChoices):
    """Reference openbadge_eu section 5.1: an inactive template cannot be assigned."""

    ACTIVE = "active", _("Active")
    INACTIVE = "inactive", _("Inactive")


class TimeUnits(models.TextChoices):
    """Seed 004, `timeUnits`."""

    MINUTES = "minutes", _("Minutes")
    HOURS = "hours", _("Hours")
    DAYS = "days", _("Days")
    WEEKS = "weeks", _("Weeks")


class EvidenceType(models.TextChoices):
    """Reference badgekit section 3, `evidenceType`."""

    URL = "URL", _("Link")
    TEXT = "Text", _("Text")
    PHOTO = "Photo", _("Photo")
    VIDEO = "Video", _("Video")
    SOUND = "Sound", _("Sound")


class AchievementType(models.TextChoices):
    """OB 3.0, AchievementType: what kind of thing is achieved. Spelled as the standard spells it."""

    ACHIEVEMENT = "Achievement", _("Achievement")
    APPRENTICESHIP_CERTIFICATE = "ApprenticeshipCertificate", _("Apprenticeship certificate")
    ASSESSMENT = "Assessment", _("Assessment")
    ASSIGNMENT = "Assignment", _("Assignment")
    ASSOCIATE_DEGREE = "AssociateDegree", _("Associate degree")
    AWARD = "Award", _("Award")
    BACHELOR_DEGREE = "BachelorDegree", _("Bachelor degree")
    BADGE = "Badge", _("Badge")
    CERTIFICATE = "Certificate", _("Certificate")
    CERTIFICATE_OF_COMPLETION = "CertificateOfCompletion", _("Certificate of completion")
    CERTIFICATION = "Certification", _("Certification")
    COMMUNITY_SERVICE = "CommunityService", _("Community service")
    COMPETENCY = "Competency", _("Competency")
    COURSE = "Course", _("Course")
    CO_CURRICULAR = "CoCurricular", _("Co-curricular")
    DEGREE = "Degree", _("Degree")
    DIPLOMA = "Diploma", _("Diploma")
    DOCTORAL_DEGREE = "DoctoralDegree", _("Doctoral degree")
    FIELDWORK = "Fieldwork", _("Fieldwork")
    GENERAL_EDUCATION_DEVELOPMENT = "GeneralEducationDevelopment", _("General education development")
    JOURNEYMAN_CERTIFICATE = "JourneymanCertificate", _("Journeyman certificate")
    LEARNING_PROGRAM = "LearningProgram", _("Learning programme")
    LICENSE = "License", _("Licence")
    MEMBERSHIP = "Membership", _("Membership")
    PROFESSIONAL_DOCTORATE = "ProfessionalDoctorate", _("Professional doctorate")
    QUALITY_ASSURANCE_CREDENTIAL = "QualityAssuranceCredential", _("Quality assurance credential")
    MASTER_CERTIFICATE = "MasterCertificate", _("Master certificate")
    MASTER_DEGREE = "MasterDegree", _("Master degree")
    MICRO_CREDENTIAL = "MicroCredential", _("Micro-credential")
    RESEARCH_DOCTORATE = "ResearchDoctorate", _("Research doctorate")
    SECONDARY_SCHOOL_DIPLOMA = "SecondarySchoolDiploma", _("Secondary school diploma")


class BadgeStatus(models.TextChoices):
    """Reference openbadge_eu section 6.1, `status`: derived, never stored."""

    VALID = "valid", _("Valid")
    INVALID = "invalid", _("Expired")
    REVOKED = "revoked", _("Revoked")


class Visibility(models.TextChoices):
    """Who finds a badge's page and documents: all, those with the link, or nobody (404)."""

    PUBLIC = "public", _("Public")
    UNLISTED = "unlisted", _("Whoever has the link")
    HIDDEN = "hidden", _("Nobody")


class DocumentKind(models.TextChoices):
    """The signed documents that are kept for a badge."""

    OB3 = "ob3", _("Open Badges 3.0 credential")
    VC_JWT = "vc_jwt", _("Open Badges 3.0 as JWT")
    OB2_SIGNED = "ob2_signed", _("Open Badges 2.0, signed")


class BatchState(models.TextChoices):
    """Where a bulk run stands."""

    PENDING = "pending", _("Waiting")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")
    DONE = "done", _("Done")


class RowState(models.TextChoices):
    """What became of one recipient of a bulk run."""

    PENDING = "pending", _("Waiting")
    ISSUED = "issued", _("Issued")
    FAILED = "failed", _("Not issued")
    STOPPED = "stopped", _("Not tried: the batch was stopped")


class OutcomeState(models.TextChoices):
    """What became of an outcome that was reported for a person."""

    RECORDED = "recorded", _("Recorded: it leads nowhere yet")
    ISSUED = "issued", _("Badge issued")
    WAITING = "waiting", _("Waiting for the issuing platform")
    COMPLETED = "completed", _("Badge received")
    REFUSED = "refused", _("Refused")


class ImportedKind(models.TextChoices):
    """In which form a badge of somebody else's was verified."""

    OB2_HOSTED = "ob2_hosted", _("Open Badges 2.0, hosted")
    OB2_SIGNED = "ob2_signed", _("Open Badges 2.0, signed")
    OB3_PROOF = "ob3_proof", _("Open Badges 3.0 with a proof")
    OB3_JWT = "ob3_jwt", _("Open Badges 3.0 as JWT")
