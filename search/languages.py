"""What is known of languages: who cuts their words to stems, and which words carry no meaning."""

STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "nb": "norwegian",
    "nn": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}

# Words that carry no meaning of their own in a search box. A word that means something in English
# ("die", "was", "son", "pour") is on no list, whatever it is elsewhere.
_STOPWORDS = """
    a about am an and any are as at be been being but by can could did do does doing for from had
    has have having he her here hers him his how i if in into is it its itself me my of on or our
    ours she should so some such than that the their theirs them then there these they this those
    to was we were what when where which while who whom why will with would you your yours
    aber als am auf aus bei bin bis das dass dem der dich dir du ein eine einem einen einer eines er
    es für fur hat ich ihr im ist mich mir mit nach nicht oder sich sie sind um und uns vom von wie
    wir wird zu zum zur über uber
    au aux avec ce ces cette dans de des du elle et eux il ils je la le les leur lui ma mais mes moi
    notre nous ont par pas que qui sa ses sont sur ta tes toi une vos votre vous
    al como con cual del el ella ellos en esta este hay las los más mas muy nos para pero por se sin
    sobre su sus un una y ya
    com da das do dos e em essa esse isso na nas não nao nos o os ou pela pelo seu sua um uma
    alla anche che chi della delle di gli ha ho ne nel nella più piu questo sono tra uno
    aan dat dit een het hij ik ook op te tot uit van voor wat ze zijn
"""
STOPWORDS = frozenset(_STOPWORDS.split())
