"""What the program itself says to people, in the language of their question."""

ABSTENTION = {
    "nothing relevant": {
        "fr": "Les documents ne contiennent rien sur cette question.",
        "en": "The documents contain nothing on this question.",
        "ja": "この質問に関する記述は資料にありません。",
    },
    "not in the documents": {
        "fr": "Les documents ne donnent pas cette information.",
        "en": "The documents do not give this information.",
        "ja": "資料にはこの情報が示されていません。",
    },
    "not supported": {
        "fr": "Aucune réponse n’a pu être étayée par les documents.",
        "en": "No answer could be supported by the documents.",
        "ja": "資料で裏付けられる回答が得られませんでした。",
    },
    "wrong language": {
        "fr": "Aucune réponse étayée n’a pu être rédigée en français.",
        "en": "No supported answer could be written in English.",
        "ja": "裏付けのある回答を日本語で作成できませんでした。",
    },
}
QUOTED = {"fr": " : « {quote} »", "en": ": “{quote}”"}
NEAREST = {
    "fr": "Passages les plus proches :",
    "en": "Nearest passages:",
    "ja": "最も近い記述：",
}
EXTRACT = {
    "fr": "Extraits des documents :",
    "en": "Extracts from the documents:",
    "ja": "資料からの抜粋：",
}
MODEL_GONE = {
    "fr": "Le serveur de modèle ne répond plus ; voici des extraits. Reposez la question pour réessayer.",
    "en": "The model server stopped answering; here are extracts instead. Ask again to retry.",
    "ja": "モデルサーバーが応答しなくなったため、抜粋を表示します。再試行するにはもう一度質問してください。",
}
STAGES = {
    "retrieve": {
        "fr": "Recherche dans les documents…",
        "en": "Searching the documents…",
        "ja": "資料を検索しています…",
    },
    "choose": {
        "fr": "Examen des phrases les plus proches…",
        "en": "Examining the closest sentences…",
        "ja": "近い文を調べています…",
    },
    "generate": {
        "fr": "Lecture de {count} passages…",
        "en": "Reading {count} passages…",
        "ja": "{count}件の記述を読んでいます…",
    },
    "condense": {
        "fr": "Reformulation de la question…",
        "en": "Restating the question…",
        "ja": "質問を言い換えています…",
    },
}
COMPUTED = {
    "sum": {
        "fr": "Au total : {result} ({operands}).",
        "en": "In total: {result} ({operands}).",
        "ja": "合計は{result}です（{operands}）。",
    },
    "difference": {
        "fr": "L’écart est de {result} ({operands}).",
        "en": "The difference is {result} ({operands}).",
        "ja": "差は{result}です（{operands}）。",
    },
}
COMPARED = {
    "earlier": {
        "fr": "{winner} est venu en premier : {value}, contre {other_value} pour {other}.",
        "en": "{winner} came first: {value}, against {other_value} for {other}.",
        "ja": "先なのは{winner}です（{value}。{other}は{other_value}）。",
    },
    "later": {
        "fr": "{winner} est venu en dernier : {value}, contre {other_value} pour {other}.",
        "en": "{winner} came later: {value}, against {other_value} for {other}.",
        "ja": "後なのは{winner}です（{value}。{other}は{other_value}）。",
    },
    "larger": {
        "fr": "{winner} l’emporte : {value}, contre {other_value} pour {other}.",
        "en": "{winner} has more: {value}, against {other_value} for {other}.",
        "ja": "上回るのは{winner}です（{value}。{other}は{other_value}）。",
    },
    "smaller": {
        "fr": "{winner} a la plus petite valeur : {value}, contre {other_value} pour {other}.",
        "en": "{winner} has less: {value}, against {other_value} for {other}.",
        "ja": "下回るのは{winner}です（{value}。{other}は{other_value}）。",
    },
}
EQUAL = {
    "fr": "Les deux sont égaux : {value} pour {winner}, {other_value} pour {other}.",
    "en": "Both are equal: {value} for {winner}, {other_value} for {other}.",
    "ja": "両者は同じ：{winner}は{value}、{other}は{other_value}。",
}
RATIO = {
    "fr": "{one} représente {result} fois {other} ({operands}).",
    "en": "{one} is {result} times {other} ({operands}).",
    "ja": "{one}は{other}の{result}倍です（{operands}）。",
}
BETWEEN = {
    "days": {
        "fr": "{result} jours séparent les deux ({operands}).",
        "en": "{result} days lie between the two ({operands}).",
        "ja": "両者の間は{result}日です（{operands}）。",
    },
    "months": {
        "fr": "{result} mois séparent les deux ({operands}).",
        "en": "{result} months lie between the two ({operands}).",
        "ja": "両者の間は{result}か月です（{operands}）。",
    },
}
# Whole sentences, so that an answer is in the reader's language where what was copied is a name in another one.
BARE_ANSWER = {
    "fr": "La réponse est : {answer}.",
    "en": "The answer is: {answer}.",
    "ja": "資料によると、答えは{answer}です。",
}
AS_WRITTEN = {
    "fr": "La réponse est : {answer} (tel qu’écrit dans le document en japonais).",
    "en": "The answer is: {answer} (as written in the Japanese document).",
}
ONE_OF_SEVERAL = {
    "fr": "La source donne plusieurs valeurs, et celle qui répond n’est pas certaine : {answer}.",
    "en": "The source gives several values, and it is not certain which one answers: {answer}.",
    "ja": "資料には複数の値があり、どれが答えかは確実ではありません：{answer}。",
}
BETWEEN_VALUES = {"fr": " ; ", "en": "; ", "ja": "、"}
POINTER = {
    "fr": "Un passage en {written_in}, cité ici, répond à la question, mais n’a pas pu être rendu en français de façon "
    "sûre.{figures}",
    "en": "A passage in {written_in}, quoted here, answers the question, but could not be told in English reliably."
    "{figures}",
    "ja": "ここに引用した{written_in}の記述に答えがありますが、日本語で確実に伝えることができませんでした。{figures}",
}
POINTER_FIGURES = {
    "fr": " Valeurs qui y figurent : {values}.",
    "en": " Values in it: {values}.",
    "ja": "記述にある値：{values}。",
}
LANGUAGE_NAMES = {
    "fr": {"fr": "français", "en": "anglais", "ja": "japonais"},
    "en": {"fr": "French", "en": "English", "ja": "Japanese"},
    "ja": {"fr": "フランス語", "en": "英語", "ja": "日本語"},
}
BEING_CHECKED = {"fr": "en cours de vérification", "en": "being checked", "ja": "確認中"}
REMOVED = {
    "fr": "{count} phrase(s) écartée(s) à la vérification",
    "en": "{count} sentence(s) removed by the check",
    "ja": "検証で除外した文：{count}件",
}
SOURCES = {"fr": "Sources", "en": "Sources", "ja": "出典"}
ALSO_RETRIEVED = {
    "fr": "Aussi trouvés, non cités",
    "en": "Also retrieved, not cited",
    "ja": "検索されたが引用していない記述",
}
PLACEHOLDER = "Posez une question · Ask a question · 質問を入力してください"


def abstention(reason: str, language: str, stated: str = "") -> str:
    """The sentence that a person reads when there is no answer, and what the documents say of not knowing it."""
    said = ABSTENTION[reason][language]
    if not stated:
        return said
    return f"{said}「{stated}」" if language == "ja" else f"{said[:-1]}{QUOTED[language].format(quote=stated)}"
