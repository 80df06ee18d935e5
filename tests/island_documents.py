"""A small collection in three languages about an island that does not exist; every answer is plain to see."""

from assistant.records import Answer
from index.retriever import Retriever

TRAM = "How many stops has the Brenmoor tram line?"
GOOD = "The Brenmoor tram line has 18 stops."
WRONG = "The Brenmoor tram line has 19 stops."

ISLAND = {
    "en/tram.md": """---
title: The Brenmoor tram
language: en
date: 2023-09
status: outcome
sources:
  - {title: Annual report, publisher: Brenmoor council, date: 2023-09-01, url: "https://example.org/tram"}
---
# The Brenmoor tram

The Brenmoor tram line opened on 12 March 2021. It is 14.2 kilometres long and has 18 stops.

The council paid £86 million for its construction. About 9,400 passengers use the tram on a weekday.
""",
    "en/library.md": """---
title: Halden Library
language: en
date: 2024-02-11
---
# Halden Library

Halden Library holds 240,000 books. It is open 62 hours a week.

## Restoration

The reading room was restored by Larkspur Joinery, a workshop in Brenmoor. The restoration cost £3.1 million.
""",
    "en/lighthouse.md": """---
title: The lighthouse at Cape Orrin
language: en
date: 2022-06
---
# The lighthouse at Cape Orrin

The lighthouse at Cape Orrin was built in 1887. Its lamp is visible at a distance of 38 kilometres.
""",
    "fr/barrage.md": """---
title: Le barrage de Corvanne
language: fr
date: 2020-01
sources:
  - {title: Dossier, publisher: Syndicat des eaux, date: 2020-01-15, url: "https://example.org/barrage"}
---
# Le barrage de Corvanne

Le barrage de Corvanne a coûté 310 millions d'euros. Il mesure 92 mètres de haut et retient la rivière Ysole.

## Électricité

La centrale du barrage alimente 45 000 foyers. Elle a été mise en service le 4 juin 2019.
""",
    "fr/musee.md": """---
title: Le musée du Sel
language: fr
date: 2023-05
---
# Le musée du Sel

Le musée du Sel a accueilli 128 000 visiteurs en 2022. L'entrée coûte 7 euros. Le bâtiment est une ancienne saline.
""",
    "ja/ferry.md": """---
title: 青浜フェリー
language: ja
date: 2022-05
sources:
  - {title: 事業報告, publisher: 青浜町, date: 2022-05-01, url: "https://example.org/ferry"}
---
# 青浜フェリー

青浜フェリーは2022年4月に運航を始めた。船の建造費は48億円である。定員は320人で、青浜港と月島港を結ぶ。
""",
    "ja/forest.md": """---
title: 緑原の植林事業
language: ja
date: 2024-03
---
# 緑原の植林事業

緑原町は2030年までに杉を60万本植える。事業の予算は年間1億2,000万円である。
""",
    "en/greenhouse.md": """---
title: The Quell greenhouse
language: en
date: 2021
translation_of: quell
---
# The Quell greenhouse

The Quell greenhouse grows tomatoes on 5 hectares. It was heated with gas until 2020 and now uses warm water.
""",
    "fr/serre.md": """---
title: La serre de Quell
language: fr
date: 2021
translation_of: quell
---
# La serre de Quell

La serre de Quell produit des tomates sur 5 hectares. Elle était chauffée au gaz jusqu'en 2020.
""",
}


def verbatim(answer: Answer, retriever: Retriever) -> bool:
    """Whether every quote of an answer stands in its document, character for character."""
    citations = [citation for claim in answer.claims for citation in claim.citations]
    return all(retriever.document(c.document_id).text[c.start : c.end] == c.quote for c in citations)
