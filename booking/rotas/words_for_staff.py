"""What staff read about rotas, in one place so that every page says the same."""

SECTIONS = (
    ("/staff/rota", "Rota"),
    ("/staff/rota/cover", "Cover board"),
    ("/staff/rota/swaps", "Swaps"),
    ("/staff/rota/plans", "Auto-plan"),
    ("/staff/rota/needs", "Needs"),
    ("/staff/workers", "People"),
    ("/staff/leave", "Leave"),
    ("/staff/rota/figures", "Figures"),
    ("/staff/rota/rules", "Rules"),
)
KINDS = {
    "cover": "Cover",
    "facilitator": "Facilitator",
    "creche": "Creche worker",
    "appointment": "Appointments",
    "extra": "Extra shift",
    "preparation": "Preparation",
    "follow_up": "Follow-up",
}
# a rule's name in a few words, for lists and figures; the whole sentence comes with the Broken
RULES = {
    "double": "Two duties at once",
    "employed": "Not employed then",
    "pattern": "Outside working pattern",
    "leave": "On leave",
    "leave_asked": "Leave asked for",
    "skill": "Skill missing",
    "skill_expired": "Skill expired",
    "place": "Not their place",
    "too_far": "Too far from base",
    "travel": "Travel time too short",
    "rest": "Too little rest",
    "weekly_rest": "No day off in the week",
    "hours": "Over agreed hours",
    "most_hours": "Over 48 hours",
    "over_contract": "Over contract",
    "days_in_row": "Too many days in a row",
    "saturdays": "Too many weekends",
    "evenings": "Too many evenings",
    "alone": "Alone in the building",
    "avoids": "Against a wish",
    "break": "No break",
}
