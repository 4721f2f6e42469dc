"""The words by which a text says yes, no, thanks, stop or start, in the languages that messages are written in.

Each is here as people type it, without accents where phones leave them out; `meaning.folded` makes them alike. A word that is another
one in a second language of these, or an English word of its own ("now", "know", "on"), is not here: it goes to a person.
"""

# The provider's own words: it opts a number out or in by itself, and so do we (support.twilio.com, "STOP filtering"); then the
# same word in the other languages, which we alone understand.
STOP = """
stop|stopall|stop all|unsubscribe|cancel|end|quit|revoke|optout|opt out|stop please|please stop|stop texting me|stop texts
stopio|stopiwch|przestan|zatrzymaj|opriti|opreste|parar|pare|стоп|зупинити|থামুন|বন্ধ|বন্ধ করুন|স্টপ|بند|بند کریں|روکیں|سٹاپ|اسٹاپ
توقف|إيقاف|أوقف|قف|ستوب
"""
START = """
start|unstop|opt in|start please|старт|শুরু|স্টার্ট|سٹارٹ|اسٹارٹ|ستارت
"""
YES = """
yes|y|ye|ys|yea|yeh|ya|yep|yup|yeah|yess|aye|ok|okay|okey|oki|k|please|yes please|yes pls|yes ok|ok yes|sure|yes sure|of course
yes of course|definitely|yes definitely|yes i can|i can|yes we can|i can come|we can come|i will come|we will come|i'm coming
yes i'm coming|we're coming|yes we're coming|coming|yes coming|i'll be there|we'll be there|yes i'll be there|yes we'll be there
yes we will|yes i will|we will be there|i will be there|i'll come|we'll come|yes i want it|i want it|i'll take it|yes i'll take it
we'll take it|yes that's fine|that's fine|yes great|great|perfect|yes perfect
ie|ydw|ydy|oes|gallaf|byddaf|iawn|ie plis|ie os gwelwch yn dda|byddwn|dof
tak|tak prosze|tak tak|oczywiscie|tak oczywiscie|dobrze|jasne|tak jasne|bede|bedziemy|przyjde|przyjdziemy
da|da da|sigur|da sigur|da va rog|bine|venim|vin|da venim|da vin
sim|sim sim|claro|sim claro|sim por favor|com certeza|vou|vamos|sim vou|sim vamos
так|так так|да|добре|ок|так будь ласка|звичайно|прийду|прийдемо|так прийду|так прийдемо
হ্যাঁ|হ্যা|হাঁ|হা|জি|জ্বি|জী|জি হ্যাঁ|আচ্ছা|ঠিক আছে|আসব|হ্যাঁ আসব|hya|ji ha
ہاں|جی|جی ہاں|ہاں جی|ٹھیک ہے|ٹھیک|جی ٹھیک ہے|haan|haan ji|ji|ji haan|jee|jee haan|theek hai|thik hai
نعم|ايوه|أيوا|أجل|اوك|أوكي|حسنا|تمام|نعم من فضلك|سأحضر|سنحضر|نعم سأحضر
si|oui|evet|po
"""
NO = """
no|n|nope|nah|noo|no no|no i can't|no we can't|i can't|we can't|can't|cannot|no cannot|can't come|i can't come|we can't come
no can't come|can't make it|i can't make it|we can't make it|no can't make it|no i can't come|no we can't come|cannot come
cannot make it|i cannot come|we cannot come|i cannot make it|we cannot make it|not coming|i'm not coming|we're not coming
no not coming|won't be there|we won't be there|i won't be there|won't be coming|we won't be coming|i won't be coming
i won't make it|we won't make it|no longer coming|no longer need it|unable to come|unable to make it|unable to attend
can't attend|i can't attend|we can't attend|cannot attend|no i can't make it|no we can't make it
na|nage|naddo|dim diolch|na dim diolch|na allaf|alla i ddim|allwn ni ddim|ddim yn dod|na fyddaf
nie|nie nie|nie moge|nie mozemy|nie przyjde|nie przyjdziemy|nie bede|nie bedziemy|nie dam rady
nu|nu nu|nu pot|nu putem|nu vin|nu venim|nu mai vin|nu mai venim|nu pot veni|nu putem veni|nu pot ajunge
nao|nao nao|nao posso|nao podemos|nao vou|nao vamos|nao posso ir|nao podemos ir|nao vou poder|nao consigo ir
ні|ні ні|нет|не можу|не можемо|не зможу|не зможемо|не прийду|не прийдемо|ні не зможу|ні не прийду
না|না না|জি না|জ্বি না|পারব না|আসতে পারব না|আসতে পারছি না|না আসতে পারব না|আসব না
نہیں|جی نہیں|نہیں جی|نہیں آ سکتے|نہیں آ سکتا|نہیں آ سکتی|نہیں آئیں گے|nahi|nahin|nahi ji|ji nahi|ji nahin|nai aa sakti
لا|لا لا|لا أستطيع|لا استطيع الحضور|لا نستطيع|لا نستطيع الحضور|لن أحضر|لن نحضر|لن أتمكن|لن نتمكن|لا أقدر|لا يمكنني|لا يمكنني الحضور
hayir|non
"""
THANKS = """
thanks|thank you|thankyou|thank u|thanx|thx|ty|ta|cheers|many thanks|thanks so much|thank you so much|thank you very much
thanks very much|thanks a lot|great thanks|lovely thanks|lovely thank you|perfect thanks|brilliant thanks|no problem|see you then
see you there|see you soon|see you tomorrow|got it|received|noted|diolch|diolch yn fawr|dziekuje|dzieki|dziekujemy|multumesc
multumim|mersi|obrigado|obrigada|muito obrigado|muito obrigada|дякую|дякуємо|спасибі|спасибо|ধন্যবাদ|শুকরিয়া|شکریہ|بہت شکریہ
shukriya|شكرا|شكرا لك|شكرا جزيلا
"""
# said with a yes or a no without changing it
POLITE = """
sorry|so sorry|very sorry|really sorry|i'm sorry|we're sorry|i'm so sorry|i am sorry|apologies|my apologies|thanks|thank you|thankyou
thank u|thx|ta|many thanks|thanks anyway|thank you anyway|cheers|please|pls|plz|hi|hiya|hello|hey|dear|good morning|x|xx|xxx
unfortunately|afraid|i'm afraid|regards|kind regards|this time|today
mae'n ddrwg gen i|sori|diolch|plis|os gwelwch yn dda|helo
przepraszam|niestety|dziekuje|dzieki|prosze|dzien dobry
scuze|imi pare rau|din pacate|multumesc|mersi|va rog|buna|buna ziua
desculpe|desculpa|infelizmente|obrigado|obrigada|por favor|ola|bom dia
вибачте|на жаль|дякую|спасибі|спасибо|будь ласка|привіт|добрий день
দুঃখিত|ধন্যবাদ|দয়া করে|সালাম
معذرت|معاف کیجیے|شکریہ|براہ کرم|برائے مہربانی|shukriya|سلام
آسف|آسفة|عذرا|للأسف|شكرا|من فضلك|مرحبا|السلام عليكم
"""
NUMBERS = """
one|un|jeden|unu|uma|один|এক|ایک|واحد
two|dau|dwa|doi|dois|два|দুই|دو|اثنان
three|tri|trzy|trei|tres|три|তিন|تین|ثلاثة
four|pedwar|cztery|patru|quatro|чотири|চার|چار|أربعة
five|pump|piec|cinci|cinco|п'ять|পাঁচ|پانچ|خمسة
six|chwech|szesc|sase|seis|шість|ছয়|چھ|ستة
seven|saith|siedem|sapte|sete|сім|সাত|سات|سبعة
eight|wyth|osiem|opt|oito|вісім|আট|آٹھ|ثمانية
nine|naw|dziewiec|noua|nove|дев'ять|নয়|تسعة
"""
# what may stand before a number
NUMBER_SIGNS = """
no|nr|num|number|option|choice|the number|nummer|numer|rhif|opcja|opcje|numarul|optiunea|numero|opcao|номер|нр|নম্বর|নং|نمبر|رقم
"""
# English words one slip away from a yes or a no, which are no slip
NO_SLIPS = {
    *(
        "yet",
        "yen",
        "yew",
        "yeti",
        "yelp",
        "year",
        "years",
        "yeast",
        "hope",
        "pease",
        "lease",
        "plea",
        "pleas",
        "pleased",
    ),
    *("sue", "cure", "pure", "shore", "noon", "soon"),
}
